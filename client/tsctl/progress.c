/* SPDX-License-Identifier: MIT */
#include "tsctl/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tsctl/clock.h"
#include "tsctl/quantity.h"

#define REDRAW_US 100000
#define BAR_COLUMNS 30

void progress_init(struct progress *progress, int fd, bool quiet)
{
    struct stat file;
    off_t begin = lseek(fd, 0, SEEK_CUR); /* what is before it was read by somebody else */
    bool known =
        begin >= 0 && fstat(fd, &file) == 0 && S_ISREG(file.st_mode) && file.st_size > begin;
    *progress = (struct progress){
        .shown = !quiet && isatty(STDERR_FILENO) && !isatty(fd),
        .total = known ? (uint64_t)(file.st_size - begin) : 0,
        .begun_us = clock_now_us(),
    };
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
    if (progress->drawn_us != 0 && now - progress->drawn_us < REDRAW_US)
        return;
    progress->drawn_us = now;
    progress->drawn = true;
    (void)fputc('\r', stderr);
    if (progress->total > 0)
        draw_bar(bytes, progress->total);
    char text[QUANTITY_TUPLES_SIZE];
    (void)fputs(quantity_tuples(tuples, text), stderr);
    uint64_t passed_us = now - progress->begun_us;
    if (passed_us >= REDRAW_US) /* before it is a guess */
        (void)fprintf(stderr, ", %.0f/s", (double)tuples * 1e6 / (double)passed_us);
    (void)fputs("\033[K", stderr);
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

void progress_done(struct progress *progress, uint64_t tuples)
{
    progress_end(progress);
    if (!progress->shown)
        return;
    char text[QUANTITY_TUPLES_SIZE];
    (void)fprintf(stderr, "%s in %.1f s\n", quantity_tuples(tuples, text),
                  (double)(clock_now_us() - progress->begun_us) / 1e6);
}
