/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* ppoll */
#include "tsctl/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>

static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]) };

static volatile sig_atomic_t caught;

static void note(int number)
{
    caught = number;
}

void interrupt_catch(void)
{
    /* without SA_RESTART: what waits returns */
    struct sigaction action = {.sa_handler = note, .sa_flags = (int)SA_RESETHAND}, old;
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < NUMBERS; i++)
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
            (void)sigaction(numbers[i], &action, NULL);
}

int interrupt_caught(void)
{
    return caught;
}

int interrupt_poll(struct pollfd *list, nfds_t count, int timeout_ms)
{
    struct timespec timeout = {.tv_sec = timeout_ms / 1000,
                               .tv_nsec = timeout_ms % 1000 * 1000000L};
    sigset_t all, before;
    sigemptyset(&all);
    for (int i = 0; i < NUMBERS; i++)
        sigaddset(&all, numbers[i]);
    sigprocmask(SIG_BLOCK, &all, &before); /* so that none comes between the look and the wait */
    int ready = -1, error = EINTR;
    if (caught == 0) {
        ready = ppoll(list, count, timeout_ms < 0 ? NULL : &timeout, &before);
        error = errno;
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return ready;
}

void interrupt_end(void)
{
    if (caught == 0)
        return;
    (void)signal(caught, SIG_DFL);
    (void)raise(caught);
}
