/* SPDX-License-Identifier: MIT */
/*
 * CMD for a task: its start, signals to it, its end.
 */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "protocol/text_write.h"
#include "tsctl/child.h"
#include "tsctl/clock.h"
#include "tsctl/complain.h"
#include "tsctl/memory.h"
#include "tsctl/work_options.h"
#include "tsctl/work_pool.h"

#define GRACE_US 2000000 /* from SIGTERM to SIGKILL */

/* The task as a line of strict JSON. */
static int open_input(const struct task *task)
{
    struct buffer text = BUFFER_INIT;
    text_write_json(task->tuple.bytes, &text);
    buffer_append_byte(&text, '\n');
    memory_check(!text.failed);
    int fd = work_spool_of(text.bytes, text.size);
    int error = errno;
    buffer_deinit(&text);
    errno = error;
    return fd;
}

static bool fork_child(struct task *task, char **words, int input, int err)
{
    struct pool *pool = task->pool;
    struct child child = {
        .command = "work",
        .words = words,
        .tuple = task->tuple.bytes,
        .socket = ts_client_path(pool->client),
        .mask = &pool->signals.before,
        .fds = {input, task->spool.write_fd, err},
        .own_group = true,
    };
    task->pid = child_start(&child);
    if (task->pid < 0) {
        task->pid = 0;
        return false;
    }
    work_guard_set(&pool->guard, task->slot, task->pid);
    return true;
}

/* Opens what it reads and writes, and starts it. False, and errno, where that cannot be. */
static bool start(struct task *task, char **words)
{
    int err = -1;
    int input = open_input(task);
    bool good = input >= 0 && work_spool_open(&task->spool) &&
                work_stderr_open(&task->err, &task->tag, &err) &&
                fork_child(task, words, input, err);
    int error = errno;
    if (input >= 0)
        close(input);
    if (err >= 0)
        close(err);
    work_spool_close_write(&task->spool);
    errno = error;
    return good;
}

static void close_all(struct task *task)
{
    work_spool_close(&task->spool);
    work_stderr_deinit(&task->err);
}

void work_task_start(struct task *task)
{
    const struct pool *pool = task->pool;
    task->begun_us = clock_now_us();
    char **words = child_words("work", pool->words, task->tuple.bytes);
    if (words == NULL) {
        task->status = EXIT_CANNOT_RUN << 8; /* as a shell says that it cannot */
        task->ended = true;
        work_fail(task, "CMD names a field that the task does not have");
        return;
    }
    bool started = start(task, words);
    child_words_free(words);
    if (!started) {
        complain("work: cannot start %s: %s", pool->words[0], strerror(errno));
        close_all(task);
        work_give_back(task, "back");
        return;
    }
    task->state = TASK_RUNNING;
    task->timeout_us =
        pool->options->timeout_us > 0 ? task->begun_us + pool->options->timeout_us : 0;
    task->kill_us = 0;
}

void work_task_signal(struct task *task)
{
    kill(-task->pid, SIGTERM);
    kill(-task->pid, SIGCONT); /* one that is stopped would not notice */
    task->timeout_us = 0;
    task->kill_us = clock_now_us() + GRACE_US;
}

void work_task_kill(struct task *task)
{
    kill(-task->pid, SIGKILL);
    task->timeout_us = task->kill_us = 0;
}

bool work_task_reap(struct task *task)
{
    siginfo_t info = {0};
    struct rusage usage;
    if (waitid(P_PID, (id_t)task->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0)
        return false;
    kill(-task->pid, SIGKILL); /* what CMD left behind; until it is reaped the number is its own */
    work_guard_set(&task->pool->guard, task->slot, 0);
    while (wait4(task->pid, &task->status, 0, &usage) < 0 && errno == EINTR)
        ;
    task->pid = 0;
    task->ended = true;
    task->took_us = clock_now_us() - task->begun_us;
    task->peak_kib = (uint64_t)usage.ru_maxrss;
    work_stderr_finish(&task->err);
    return true;
}
