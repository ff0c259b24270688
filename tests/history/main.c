/* SPDX-License-Identifier: MIT */
/* check [--times] FOLDER: whether a recording can have come about by the rules. */
#include <stdlib.h>
#include <string.h>

#include "history/format.h"
#include "history/verdict.h"

int main(int argc, char **argv)
{
    const bool times = argc > 2 && strcmp(argv[1], "--times") == 0;
    struct verdict by_positions = {0}, by_times = {0};
    if (argc != (times ? 3 : 2)) {
        (void)fputs("usage: check [--times] FOLDER\n", stderr);
        return 2;
    }
    struct history *history = history_read(argv[argc - 1]);
    if (!history)
        return 2;
    by_positions.history = by_times.history = history;
    if (!times) {
        check_by_positions(history, &by_positions);
        verdict_print(&by_positions, stdout);
    }
    check_by_times(history, &by_times);
    verdict_print(&by_times, stdout);
    printf("%zu operations, %zu events: %zu findings by positions, %zu by times\n",
           history->op_count, history->event_count, by_positions.count, by_times.count);
    history_free(history);
    return by_positions.count + by_times.count > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
