/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "tsctl/child.h"
#include "tsctl/command.h"
#include "tsctl/complain.h"
#include "tsctl/exits.h"
#include "tsctl/private.h"

static const char *const run_examples[] = {
    "tsctl run -- sh -c 'tsctl out \"[1, 2]\" && tsctl in \"[?int, ?int]\"'",
    "tsctl run -- sh -c 'exit 7' || echo \"the status is $?\"",
    NULL,
};

static int set_config(struct options *options, char **values)
{
    options->config = values[0];
    return 0;
}

static const struct option_spec run_options[] = {
    {"config", 0, "FILE", "the daemon's configuration, see tsd.conf(5)", .set = set_config,
     .completes = COMPLETE_FILE},
    {0},
};

static int run_words(char **words, const char *config)
{
    struct private_daemon *daemon = run_private(config);
    if (daemon == NULL)
        return EXIT_RUN_FAILED;
    sigset_t waited, before;
    child_block_signals(&waited, &before);
    struct child child = {
        .command = "run",
        .words = words,
        .socket = daemon->socket,
        .mask = &before,
        .fds = {-1, -1, -1},
    };
    pid_t command = child_start(&child);
    int status = 0;
    if (command > 0)
        status = child_wait(command, &waited);
    else
        complain("run: cannot start %s: %s", words[0], strerror(errno));
    end_private(daemon);
    return command > 0 ? child_exit(status, &before) : EXIT_RUN_FAILED;
}

static int run_run(struct call *call)
{
    char **words;
    int status = child_command(call, 0, NULL, &words);
    return status == 0 ? run_words(words, call->options.config) : status;
}

const struct command cmd_run = {
    .name = "run",
    .arguments = "-- CMD [ARGUMENT...]",
    .summary = "run a command with a private daemon",
    .options = run_options,
    .help = "Runs CMD with a daemon of its own, which nobody else knows: $TSD_SOCKET leads\n"
            "CMD, and what it runs, to it. The daemon and its temporary directory are gone\n"
            "when this returns, whatever ends CMD, tsctl or the daemon; were tsctl killed,\n"
            "CMD gets a SIGTERM. The status is CMD's: 128 plus the signal's number where one\n"
            "ended it, 127 where it was not found, 126 where it cannot be run, 125 where the\n"
            "daemon did not start. The daemon's program is $TSD_DAEMON, else tsd beside\n"
            "tsctl, else in $PATH. It reads no configuration but that of --config.\n",
    .runs_another = true,
    .examples = run_examples,
    .run = run_run,
};
