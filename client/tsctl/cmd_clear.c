/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <unistd.h>

#include "tsctl/command.h"
#include "tsctl/complain.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"
#include "tsctl/move.h"
#include "tsctl/quantity.h"
#include "tsctl/refused.h"
#include "tsctl/words.h"

static const struct option_spec clear_options[] = {
    {"all", 0, NULL, "every tuple of the space", .flag = offsetof(struct options, all)},
    {"yes", 0, NULL, "do not ask; a must without a terminal",
     .flag = offsetof(struct options, yes)},
    {0},
};

static const char *const clear_examples[] = {
    "tsctl out '[\"task\", 1]' '[\"task\", 2]' '[\"done\", 0]'",
    "tsctl clear --yes '[\"task\", ...]'",
    "tsctl clear --yes --all",
    NULL,
};

/* Whether whoever sits at the terminal says yes. */
static bool is_confirmed(ts_client *client, uint64_t count)
{
    char text[QUANTITY_TUPLES_SIZE], answer[16];
    (void)fprintf(stderr, "Delete %s from the space %s? [y/N] ", quantity_tuples(count, text),
                  ts_client_space_name(client));
    (void)fflush(stderr);
    if (fgets(answer, sizeof(answer), stdin) == NULL) {
        (void)fputc('\n', stderr);
        return false;
    }
    return answer[0] == 'y' || answer[0] == 'Y';
}

/* Asks where there is something to delete. Returns 0 where it may go on, or the exit status. */
static int confirm(struct call *call, ts_client *client, ts_values pattern)
{
    uint64_t count = 0;
    if (call->options.yes)
        return 0;
    int status = refused_exit(call, client, ts_count(client, pattern, &count));
    if (status != 0 || count == 0 || is_confirmed(client, count))
        return status;
    complain("nothing was deleted");
    return EXIT_NO_MATCH;
}

static int check(const struct call *call)
{
    if (call->options.all && call->argument_count > 0)
        return complain_usage("clear: a pattern or --all, not both");
    if (!call->options.all && call->argument_count == 0) {
        if (!words_complain_taken(call, "pattern")) {
            complain("clear needs a pattern, or --all");
            complain_hint("such as tsctl clear '[\"task\", ...]'");
        }
        return EXIT_USAGE;
    }
    if (!call->options.yes && !isatty(STDIN_FILENO)) {
        complain("clear: nobody can be asked, as standard input is no terminal");
        complain_hint("--yes deletes without asking");
        return EXIT_USAGE;
    }
    return 0;
}

static int run_clear(struct call *call)
{
    struct word_list pattern = {0};
    int status = check(call);
    if (status == 0)
        status = words_read_pattern_or_any(call, &pattern);
    ts_client *client = status == 0 ? connect_daemon(call, &status) : NULL;
    if (client != NULL) {
        ts_request request = {.operation = TSD_OP_COLLECT, .pattern = pattern.values[0]};
        status = confirm(call, client, pattern.values[0]);
        if (status == 0)
            status = move_all(call, client, &request);
        ts_disconnect(client);
    }
    word_list_deinit(&pattern);
    return status;
}

const struct command cmd_clear = {
    .name = "clear",
    .arguments = "PATTERN | --all",
    .summary = "delete all tuples that match",
    .options = clear_options,
    .help = "Deletes all stored tuples that match, in units of up to 16,384, and prints how\n"
            "many. What is held, delayed or not yet acknowledged stays. Asks before, on a\n"
            "terminal. The status is 1 where there is none.\n",
    .examples = clear_examples,
    .run = run_clear,
};
