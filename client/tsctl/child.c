/* SPDX-License-Identifier: MIT */
#include "tsctl/child.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tsctl/child_environment.h"
#include "tsctl/complain.h"
#include "tsctl/exits.h"

int child_command(struct call *call, int before, const char *what, char ***words)
{
    const char *name = call->command->name;
    const char *pattern = before > 0 ? "'[\"task\", ...]' " : "";
    int had = call->dashes >= 0 ? call->dashes : call->argument_count;
    if (call->dashes < 0 && call->argument_count > before) {
        complain("%s: the command stands after --", name);
        complain_hint("tsctl %s %s-- %s%s", name, pattern, call->arguments[before],
                      call->argument_count > before + 1 ? " ..." : "");
        return EXIT_USAGE;
    }
    if (had != before) {
        complain(had < before ? "%s needs a %s before --" : "%s takes one %s before --", name,
                 what);
        complain_hint("tsctl %s %s-- CMD", name, pattern);
        return EXIT_USAGE;
    }
    if (call->argument_count == before) {
        complain("%s needs a command", name);
        complain_hint("such as tsctl %s %s-- sh", name, pattern);
        return EXIT_USAGE;
    }
    call->arguments[call->argument_count] = NULL;
    *words = call->arguments + before;
    return 0;
}

/* In the child: the descriptors that it is to have, also where one is another's number. */
static bool set_descriptors(const int fds[3])
{
    int moved[3];
    for (int i = 0; i < 3; i++)
        moved[i] = fds[i] >= 0 && fds[i] < 3 ? dup(fds[i]) : fds[i];
    for (int i = 0; i < 3; i++) {
        if (fds[i] >= 0 && dup2(moved[i], i) < 0)
            return false;
        if (moved[i] != fds[i])
            close(moved[i]);
    }
    return true;
}

/* In the child: becomes the command. */
static _Noreturn void become(const struct child *child, pid_t parent)
{
    /* without tsctl its tuple, or its daemon, is gone */
    prctl(PR_SET_PDEATHSIG, child->death_signal != 0 ? child->death_signal : SIGTERM);
    if (getppid() != parent || !set_descriptors(child->fds))
        _exit(EXIT_RUN_FAILED);
    if (child->own_group)
        setpgid(0, 0);
    child_environment_set(child->tuple);
    if (child->socket != NULL)
        setenv("TSD_SOCKET", child->socket, 1);
    sigprocmask(SIG_SETMASK, child->mask, NULL);
    execvp(child->words[0], child->words);
    int error = errno;
    complain("%s: cannot run %s: %s", child->command, child->words[0], strerror(error));
    _exit(error == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN);
}

pid_t child_start(const struct child *child)
{
    pid_t self = getpid(), pid = fork();
    if (pid == 0)
        become(child, self);
    if (pid > 0 && child->own_group)
        setpgid(pid, pid); /* whoever is first: it is so when this returns */
    return pid;
}

void child_block_signals(sigset_t *waited, sigset_t *before)
{
    sigemptyset(waited);
    sigaddset(waited, SIGCHLD);
    sigaddset(waited, SIGINT);
    sigaddset(waited, SIGQUIT);
    sigaddset(waited, SIGTERM);
    sigaddset(waited, SIGHUP);
    sigprocmask(SIG_BLOCK, waited, before);
}

void child_pass_on(pid_t pid, int number, int code)
{
    if (number != SIGCHLD && code != SI_KERNEL)
        kill(pid, number);
}

int child_wait(pid_t pid, const sigset_t *waited)
{
    for (;;) {
        siginfo_t info;
        int number = sigwaitinfo(waited, &info);
        if (number > 0)
            child_pass_on(pid, number, info.si_code);
        int status;
        if (waitpid(pid, &status, WNOHANG) == pid)
            return status;
    }
}

int child_exit(int status, const sigset_t *before)
{
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    if (WTERMSIG(status) == SIGINT) {
        (void)signal(SIGINT, SIG_DFL);
        (void)raise(SIGINT);
        sigprocmask(SIG_SETMASK, before, NULL);
    }
    return EXIT_SIGNAL + WTERMSIG(status);
}
