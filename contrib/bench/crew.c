/* SPDX-License-Identifier: MIT */
#include "contrib/bench/crew.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "contrib/bench/check.h"
#include "contrib/bench/proc.h"

#define PATIENCE_NS UINT64_C(60000000000)

void *crew_share(uint64_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        die("no shared memory: %s", strerror(errno));
    return memory;
}

void crew_unshare(void *memory, uint64_t bytes)
{
    munmap(memory, bytes);
}

static void pause_us(long us)
{
    nanosleep(&(struct timespec){.tv_nsec = us * 1000}, NULL);
}

void crew_add(struct crew *crew, void (*work)(void *context, unsigned self), void *context)
{
    const unsigned self = crew->count;
    const pid_t parent = getpid();
    pid_t pid = fork();

    if (pid < 0)
        die("fork: %s", strerror(errno));
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(127);
        work(context, self);
        _exit(0);
    }
    crew->pids[self] = pid;
    crew->count++;
}

void crew_ready(struct crew *crew)
{
    atomic_fetch_add(&crew->ready, 1);
    while (!atomic_load(&crew->go))
        pause_us(100);
}

/* A process that has ended without having been waited for is told by WNOWAIT. */
static bool one_has_failed(const struct crew *crew)
{
    for (unsigned i = 0; i < crew->count; i++) {
        siginfo_t info = {.si_pid = 0};
        if (waitid(P_PID, (id_t)crew->pids[i], &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
            info.si_pid != 0 && (info.si_code != CLD_EXITED || info.si_status != 0))
            return true;
    }
    return false;
}

bool crew_gather(struct crew *crew)
{
    const uint64_t end_ns = clock_ns() + PATIENCE_NS;

    while (atomic_load(&crew->ready) < crew->count) {
        if (one_has_failed(crew) || clock_ns() > end_ns)
            return check_failed("a process of the benchmark's own does not get ready");
        pause_us(500);
    }
    return true;
}

void crew_go(struct crew *crew)
{
    atomic_store(&crew->go, true);
}

static void kill_all(const struct crew *crew)
{
    for (unsigned i = 0; i < crew->count; i++)
        if (crew->pids[i] > 0)
            kill(crew->pids[i], SIGKILL);
}

bool crew_end(struct crew *crew)
{
    const uint64_t end_ns = clock_ns() + PATIENCE_NS;
    bool good = true;

    for (unsigned left = crew->count; left > 0;) {
        for (unsigned i = 0; i < crew->count; i++) {
            int status;
            if (crew->pids[i] == 0 || waitpid(crew->pids[i], &status, WNOHANG) == 0)
                continue;
            crew->pids[i] = 0;
            left--;
            if (!good || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
                continue;
            good = check_failed("a process of the benchmark's own ended with wait status 0x%x",
                                status);
            kill_all(crew); /* they may wait for it */
        }
        if (good && clock_ns() > end_ns) {
            good = check_failed("a process of the benchmark's own does not end");
            kill_all(crew);
        }
        if (left > 0)
            pause_us(500);
    }
    return good;
}

uint64_t crew_cpu_ns(const struct crew *crew)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < crew->count; i++)
        sum += proc_cpu_ns(crew->pids[i]);
    return sum;
}
