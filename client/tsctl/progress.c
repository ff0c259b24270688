/* SPDX-License-Identifier: MIT */
#include "tsctl/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tsctl/clock.h"

#define REDRAW_US 100000
#define BAR_COLUMNS 30

void progress_init(struct progress *progress, int fd, bool quiet)
{
    struct stat file;
    bool known = fstat(fd, &file) == 0 && S_ISREG(file.st_mode) && file.st_size > 0;
    *progress = (struct progress){
        .shown = !quiet && isatty(STDERR_FILENO) && !isatty(fd),
        .total = known ? (uint64_t)file.st_size : 0,
        .begun_us = clock_now_us(),
    };
    progress->drawn_us = progress->begun_us;
}

static void draw_bar(uint64_t bytes, uint64_t total)
{
    static const char full[] = "##############################",
                      empty[] = "..............................";
    uint64_t part = bytes < total ? bytes : total;
    int columns = (int)((double)part / (double)total * BAR_COLUMNS);
    (void)fprintf(stderr, "%3d%% [%.*s%.*s] ", (int)((double)part / (double)total * 100), columns,
                  full, BAR_COLUMNS - columns, empty);
}

void progress_update(struct progress *progress, uint64_t bytes, uint64_t tuples)
{
    if (!progress->shown)
        return;
    uint64_t now = clock_now_us();
    if (now - progress->drawn_us < REDRAW_US)
        return;
    progress->drawn_us = now;
    progress->drawn = true;
    (void)fputc('\r', stderr);
    if (progress->total > 0)
        draw_bar(bytes, progress->total);
    double seconds = (double)(now - progress->begun_us) / 1e6;
    (void)fprintf(stderr, "%" PRIu64 " tuples, %.0f/s\033[K", tuples, (double)tuples / seconds);
    (void)fflush(stderr);
}

void progress_end(struct progress *progress)
{
    if (progress->drawn) {
        (void)fputs("\r\033[K", stderr);
        (void)fflush(stderr);
    }
    progress->drawn = false;
}
