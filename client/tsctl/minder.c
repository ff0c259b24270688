/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* pipe2 */
#include "tsctl/minder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tsctl/child.h"

/* In the minder. */
struct minding {
    int lifeline; /* its end is tsctl's */
    int report;
    int signals; /* a signalfd: a child has ended */
    pid_t command;
};

/* What the minder reports first; a wait status follows. */
struct started {
    pid_t command;
    int error;
};

static bool is_child(const char *name, pid_t parent)
{
    char path[64], text[512], state;
    int found;
    (void)snprintf(path, sizeof(path), "/proc/%.20s/stat", name);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    size_t size = fread(text, 1, sizeof(text) - 1, file);
    (void)fclose(file);
    text[size] = '\0';
    const char *after = strrchr(text, ')'); /* the name before it may be anything */
    return after != NULL && sscanf(after, ") %c %d", &state, &found) == 2 && found == parent;
}

/* Nobody else reaps them, so the numbers stay theirs. */
static void kill_children(void)
{
    const pid_t self = getpid();
    const struct dirent *entry;
    DIR *directory = opendir("/proc");
    while (directory != NULL && (entry = readdir(directory)) != NULL)
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && is_child(entry->d_name, self))
            kill((pid_t)strtol(entry->d_name, NULL, 10), SIGKILL);
    if (directory != NULL)
        (void)closedir(directory);
}

/* Children of who has ended become the minder's: sooner or later it is the parent of all. */
static void kill_all(pid_t command)
{
    siginfo_t info;
    kill(command, SIGKILL); /* also where there is no /proc */
    do
        kill_children();
    while (waitid(P_ALL, 0, &info, WEXITED) == 0 || errno == EINTR);
}

/* Whether the command has ended; it is not reaped. Others are: the minder has adopted them. */
static bool has_ended(pid_t command, int *status)
{
    for (;;) {
        siginfo_t info = {0};
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0)
            return false;
        if (info.si_pid == command) {
            *status = info.si_code == CLD_EXITED ? info.si_status << 8 : info.si_status;
            return true;
        }
        (void)waitpid(info.si_pid, NULL, WNOHANG);
    }
}

static bool is_cut(int lifeline)
{
    struct pollfd list = {.fd = lifeline, .events = POLLIN};
    return poll(&list, 1, 0) == 1;
}

static void mind(const struct minding *minding)
{
    struct signalfd_siginfo info;
    int status;
    while (!has_ended(minding->command, &status)) {
        struct pollfd list[] = {
            {.fd = minding->lifeline, .events = POLLIN},
            {.fd = minding->signals, .events = POLLIN},
        };
        (void)poll(list, 2, -1);
        if (is_cut(minding->lifeline)) {
            kill_all(minding->command);
            return;
        }
        (void)!read(minding->signals, &info, sizeof(info));
    }
    (void)!write(minding->report, &status, sizeof(status));
    (void)!read(minding->lifeline, &status, sizeof(status)); /* until tsctl knows it */
}

/* With all signals blocked: ^C on the terminal leaves it alone. So does `pkill tsctl`: by its name. */
static _Noreturn void become(struct minding *minding, const struct child *child)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    prctl(PR_SET_NAME, "ts-minder");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    minding->signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
    minding->command = minding->signals < 0 ? -1 : child_start(child);
    const struct started started = {minding->command, errno};
    (void)!write(minding->report, &started, sizeof(started));
    if (started.command > 0)
        mind(minding);
    _exit(0);
}

static bool wait_for_start(struct minder *minder)
{
    struct started started = {.error = ECHILD};
    ssize_t got;
    while ((got = read(minder->report, &started, sizeof(started))) < 0 && errno == EINTR)
        ;
    if (got == (ssize_t)sizeof(started) && started.command > 0) {
        minder->command = started.command;
        return true;
    }
    minder_end(minder);
    errno = started.error;
    return false;
}

static void close_both(const int ends[2])
{
    int error = errno;
    close(ends[0]);
    close(ends[1]);
    errno = error;
}

bool minder_start(struct minder *minder, const struct child *child)
{
    int lifeline[2], report[2];
    if (pipe2(lifeline, O_CLOEXEC) != 0)
        return false;
    if (pipe2(report, O_CLOEXEC) != 0) {
        close_both(lifeline);
        return false;
    }
    pid_t pid = fork();
    if (pid == 0) {
        close(lifeline[1]);
        close(report[0]);
        become(&(struct minding){.lifeline = lifeline[0], .report = report[1]}, child);
    }
    if (pid < 0) {
        close_both(lifeline);
        close_both(report);
        return false;
    }
    close(lifeline[0]);
    close(report[1]);
    *minder = (struct minder){.pid = pid, .lifeline = lifeline[1], .report = report[0]};
    return wait_for_start(minder);
}

bool minder_status(const struct minder *minder, int *status)
{
    return read(minder->report, status, sizeof(*status)) == (ssize_t)sizeof(*status);
}

void minder_end(struct minder *minder)
{
    close(minder->lifeline);
    while (waitpid(minder->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    close(minder->report);
}
