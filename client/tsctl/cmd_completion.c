/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tsctl/command.h"
#include "tsctl/complain.h"
#include "tsctl/completion.h"
#include "tsctl/exits.h"
#include "tsctl/memory.h"

#define MOST_SECONDS 2 /* that a shell waits for a daemon that does not answer */

static const char *const completion_examples[] = {
    "tsctl completion bash >tsctl.bash",
    "tsctl completion fish >tsctl.fish",
    NULL,
};

static void give_up(int signal)
{
    (void)signal;
    _exit(EXIT_NO_DAEMON);
}

/* What a script asks for. */
static int print_candidates(struct call *call)
{
    char *none[] = {""};
    const int count = call->argument_count - 1;
    struct buffer out = BUFFER_INIT;
    (void)signal(SIGALRM, give_up);
    (void)alarm(MOST_SECONDS);
    completion_of(count > 0 ? call->arguments + 1 : none, count > 0 ? count : 1, &out);
    memory_check(!out.failed);
    if (out.size > 0)
        (void)fwrite(out.bytes, 1, out.size, stdout);
    buffer_deinit(&out);
    return 0;
}

static int run_completion(struct call *call)
{
    if (call->dashes == 1 && strcmp(call->arguments[0], "words") == 0)
        return print_candidates(call);
    const char *script = call->argument_count == 1 ? completion_script(call->arguments[0]) : NULL;
    if (script == NULL) {
        complain("completion needs the name of a shell");
        complain_hint("there are bash, zsh and fish");
        return EXIT_USAGE;
    }
    (void)fputs(script, stdout);
    return 0;
}

const struct command cmd_completion = {
    .name = "completion",
    .arguments = "bash | zsh | fish",
    .summary = "print a script that completes tsctl's words",
    .completes = {COMPLETE_CHOICE},
    .choices = "bash zsh fish",
    .help = "Prints a script by which the shell completes commands, options, their values,\n"
            "names of files, users and groups, and, as the daemon tells, names of spaces and\n"
            "numbers of clients. A package has installed it already; else:\n"
            "  bash: source <(tsctl completion bash)\n"
            "  zsh:  source <(tsctl completion zsh), after compinit\n"
            "  fish: tsctl completion fish | source\n",
    .examples = completion_examples,
    .run = run_completion,
};
