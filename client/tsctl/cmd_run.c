/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tsctl/command.h"
#include "tsctl/complain.h"
#include "tsctl/exits.h"
#include "tsctl/private.h"

static const char *const run_examples[] = {
    "tsctl run -- sh -c 'tsctl out \"[1, 2]\" && tsctl in \"[?int, ?int]\"'",
    "tsctl run -- sh -c 'exit 7' || echo \"the status is $?\"",
    NULL,
};

/* In the child: becomes the command, with the signals as tsctl found them. */
static _Noreturn void become_command(char **words, const char *socket, const sigset_t *mask,
                                     pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* without tsctl there is no daemon */
    if (getppid() != parent)
        _exit(EXIT_RUN_FAILED);
    setenv("TSD_SOCKET", socket, 1);
    sigprocmask(SIG_SETMASK, mask, NULL);
    execvp(words[0], words);
    int error = errno;
    complain("run: cannot run %s: %s", words[0], strerror(error));
    _exit(error == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN);
}

/*
 * Waits for the command's end. What ends tsctl in the usual ways goes on to the command; a ^C on the
 * terminal has reached it already.
 */
static int wait_for_command(pid_t command, const sigset_t *waited)
{
    for (;;) {
        siginfo_t info;
        int number = sigwaitinfo(waited, &info);
        if (number > 0 && number != SIGCHLD && info.si_code != SI_KERNEL)
            kill(command, number);
        int status;
        if (waitpid(command, &status, WNOHANG) == command)
            return status;
    }
}

/* The command's status as tsctl's own; after ^C tsctl ends by the signal, too. */
static int exit_as(int status, const sigset_t *mask)
{
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    if (WTERMSIG(status) == SIGINT) {
        (void)signal(SIGINT, SIG_DFL);
        (void)raise(SIGINT);
        sigprocmask(SIG_SETMASK, mask, NULL);
    }
    return EXIT_SIGNAL + WTERMSIG(status);
}

static int run_words(char **words)
{
    sigset_t waited, mask;
    sigemptyset(&waited);
    sigaddset(&waited, SIGCHLD);
    sigaddset(&waited, SIGINT);
    sigaddset(&waited, SIGQUIT);
    sigaddset(&waited, SIGTERM);
    sigaddset(&waited, SIGHUP);

    struct private_daemon daemon;
    int failed = private_start(&daemon);
    if (failed != 0)
        return failed;
    sigprocmask(SIG_BLOCK, &waited, &mask);
    pid_t self = getpid(), command = fork();
    if (command == 0)
        become_command(words, daemon.socket, &mask, self);
    int status = 0;
    if (command > 0)
        status = wait_for_command(command, &waited);
    else
        complain("run: cannot start %s: %s", words[0], strerror(errno));
    private_end(&daemon);
    return command > 0 ? exit_as(status, &mask) : EXIT_RUN_FAILED;
}

static int run_run(struct call *call)
{
    if (call->argument_count == 0) {
        complain("run needs a command");
        complain_hint("such as tsctl run -- sh");
        return EXIT_USAGE;
    }
    if (call->dashes != 0) {
        complain("run: the command stands after --");
        complain_hint("tsctl run -- %s%s", call->arguments[0],
                      call->argument_count > 1 ? " ..." : "");
        return EXIT_USAGE;
    }
    call->arguments[call->argument_count] = NULL;
    return run_words(call->arguments);
}

const struct command cmd_run = {
    .name = "run",
    .arguments = "-- CMD [ARGUMENT...]",
    .summary = "run a command with a private daemon",
    .help = "Runs CMD with a daemon of its own, which nobody else knows: $TSD_SOCKET leads\n"
            "CMD, and what it runs, to it. The daemon and its temporary directory are gone\n"
            "when this returns, whatever ends CMD, tsctl or the daemon; were tsctl killed,\n"
            "CMD gets a SIGTERM. The status is CMD's: 128 plus the signal's number where one\n"
            "ended it, 127 where it was not found, 126 where it cannot be run, 125 where the\n"
            "daemon did not start. The daemon's program is $TSD_DAEMON, else tsd beside\n"
            "tsctl, else in $PATH.\n",
    .runs_another = true,
    .examples = run_examples,
    .run = run_run,
};
