/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* pipe2, close_range */
#include "tsctl/work_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Keeps no descriptor but the lifeline, or it would keep open what tsctl writes to. */
static void close_others(int lifeline)
{
    int null = open("/dev/null", O_RDWR);
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        dup2(null, fd);
    dup2(lifeline, STDERR_FILENO + 1);
    close_range(STDERR_FILENO + 2, ~0u, 0);
}

/* In a session of its own and with all signals blocked: ^C on the terminal leaves it alone. */
static _Noreturn void watch(const struct work_guard *guard, int lifeline)
{
    sigset_t all;
    char byte;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    setsid();
    close_others(lifeline);
    while (read(STDERR_FILENO + 1, &byte, 1) < 0 && errno == EINTR)
        ;
    for (unsigned i = 0; i < guard->count; i++)
        if (guard->groups[i] > 0)
            kill(-guard->groups[i], SIGKILL);
    _exit(0);
}

bool work_guard_start(struct work_guard *guard, unsigned count)
{
    int ends[2];
    size_t size = count * sizeof(*guard->groups);
    void *groups = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (groups == MAP_FAILED)
        return false;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        munmap(groups, size);
        return false;
    }
    *guard = (struct work_guard){.groups = groups, .count = count, .lifeline = ends[1]};
    guard->pid = fork();
    if (guard->pid == 0)
        watch(guard, ends[0]);
    int error = errno;
    close(ends[0]);
    if (guard->pid < 0) {
        close(ends[1]);
        munmap(groups, size);
        errno = error;
    }
    return guard->pid > 0;
}

void work_guard_set(struct work_guard *guard, unsigned slot, pid_t group)
{
    guard->groups[slot] = group;
}

void work_guard_end(struct work_guard *guard)
{
    close(guard->lifeline);
    while (waitpid(guard->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    munmap((void *)guard->groups, guard->count * sizeof(*guard->groups));
}
