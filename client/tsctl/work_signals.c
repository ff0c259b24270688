/* SPDX-License-Identifier: MIT */
#include "tsctl/work_signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

static const int stopping[] = {SIGINT, SIGTERM, SIGHUP};
enum { STOPPING = sizeof(stopping) / sizeof(stopping[0]) };

static bool is_ignored(int number)
{
    struct sigaction old;
    return sigaction(number, NULL, &old) == 0 && old.sa_handler == SIG_IGN;
}

bool work_signals_open(struct work_signals *signals)
{
    sigset_t read, blocked;
    *signals = (struct work_signals){0};
    (void)signal(SIGCHLD, SIG_DFL); /* where it is ignored nobody could be waited for */
    sigemptyset(&read);
    sigaddset(&read, SIGCHLD);
    for (int i = 0; i < STOPPING; i++)
        if (!is_ignored(stopping[i]))
            sigaddset(&read, stopping[i]);
    blocked = read;
    sigaddset(&blocked, SIGPIPE);
    sigprocmask(SIG_BLOCK, &blocked, &signals->before);
    signals->fd = signalfd(-1, &read, SFD_CLOEXEC | SFD_NONBLOCK);
    return signals->fd >= 0;
}

void work_signals_read(struct work_signals *signals)
{
    struct signalfd_siginfo info;
    while (read(signals->fd, &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo == SIGCHLD) {
            signals->child = true;
            continue;
        }
        if (signals->stops++ == 0)
            signals->first = (int)info.ssi_signo;
    }
}

void work_signals_close(struct work_signals *signals, int number)
{
    if (signals->fd >= 0)
        close(signals->fd);
    if (number != 0) {
        (void)signal(number, SIG_DFL);
        (void)raise(number);
        sigset_t one = signals->before;
        sigdelset(&one, number);
        sigprocmask(SIG_SETMASK, &one, NULL);
    }
    sigprocmask(SIG_SETMASK, &signals->before, NULL);
}
