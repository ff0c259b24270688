/* SPDX-License-Identifier: MIT */
#include "tsctl/work_progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "tsctl/clock.h"

#define REDRAW_US 100000

void work_progress_init(struct work_progress *progress, bool quiet)
{
    *progress = (struct work_progress){
        .shown = !quiet && isatty(STDERR_FILENO),
        .begun_us = clock_now_us(),
    };
}

static void write_counts(uint64_t done, uint64_t failed)
{
    (void)fprintf(stderr, "%" PRIu64 " done", done);
    if (failed > 0)
        (void)fprintf(stderr, ", %" PRIu64 " failed", failed);
}

void work_progress_draw(struct work_progress *progress, uint64_t done, uint64_t failed,
                        unsigned running)
{
    uint64_t now = clock_now_us();
    if (!progress->shown || (progress->drawn && now - progress->drawn_us < REDRAW_US))
        return;
    progress->drawn_us = now;
    progress->drawn = true;
    (void)fputc('\r', stderr);
    write_counts(done, failed);
    (void)fprintf(stderr, ", %u running\033[K", running);
    (void)fflush(stderr);
}

void work_progress_clear(struct work_progress *progress)
{
    if (progress->drawn) {
        (void)fputs("\r\033[K", stderr);
        (void)fflush(stderr);
    }
    progress->drawn = false;
}

void work_progress_end(struct work_progress *progress, uint64_t done, uint64_t failed)
{
    work_progress_clear(progress);
    if (!progress->shown || done + failed == 0)
        return;
    write_counts(done, failed);
    (void)fprintf(stderr, " in %.1f s\n", (double)(clock_now_us() - progress->begun_us) / 1e6);
}
