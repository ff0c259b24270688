/* SPDX-License-Identifier: MIT */
/*
 * A run that fails, made short: its actions are made again by the seed, then done by new runs
 * without some of them, larger groups first, as long as the same goes wrong.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run.h"

enum { SHRINK_MOST = 30000, TRACE_MOST = 60 };

static struct seen unused;

struct actions {
    struct action **list;
    size_t count;
};

/* The actions of a run, but the last of one that aborts: that one is only chosen. */
static struct actions actions_of(const struct settings *settings, uint64_t steps, bool aborts)
{
    struct actions actions = {.list = calloc(steps, sizeof(void *))};
    struct run *run = run_new(settings, &unused);
    while (actions.count < steps && !run->failure) {
        struct action *action = calloc(1, sizeof *action);
        run_choose(run, action);
        actions.list[actions.count++] = action;
        if (!aborts || actions.count < steps)
            run_do(run, action);
    }
    run_free(run);
    return actions;
}

static struct actions *aborting; /* not NULL: it is an abort that is looked for, in children */

/* How many actions a child got to before it aborted; 0: it did not. */
static size_t fork_without(const struct settings *settings, size_t from, size_t to)
{
    volatile size_t *at =
        mmap(NULL, sizeof *at, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status;
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        struct run *run = run_new(settings, &unused);
        signal(SIGABRT, SIG_DFL);
        freopen("/dev/null", "w", stderr);
        for (*at = 0; *at < aborting->count && !run->failure; ++*at)
            if ((*at < from || *at >= to) && run_possible(run, aborting->list[*at]))
                run_do(run, aborting->list[*at]);
        _exit(0);
    }
    waitpid(child, &status, 0);
    const size_t used = WIFSIGNALED(status) ? *at + 1 : 0;
    munmap((void *)at, sizeof *at);
    return used;
}

/* Does all but those from `from` to before `to`. Returns how many it took to fail so; 0: not. */
static size_t try_without(const struct settings *settings, const struct actions *actions,
                          size_t from, size_t to, const char *failure)
{
    if (aborting)
        return fork_without(settings, from, to);
    struct run *run = run_new(settings, &unused);
    size_t at = 0;
    for (; at < actions->count && !run->failure; at++)
        if ((at < from || at >= to) && run_possible(run, actions->list[at]))
            run_do(run, actions->list[at]);
    const bool fails = run->failure && strcmp(run->failure, failure) == 0;
    run_free(run);
    return fails ? at : 0;
}

static void remove_some(struct actions *actions, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        free(actions->list[i]);
    memmove(&actions->list[from], &actions->list[to],
            (actions->count - to) * sizeof actions->list[0]);
    actions->count -= to - from;
}

static void make_short(const struct settings *settings, struct actions *actions,
                       const char *failure)
{
    for (size_t group = actions->count / 2; group > 0; group = group > 1 ? group / 2 : 0)
        for (size_t from = 0; from + group <= actions->count;) {
            const size_t used = try_without(settings, actions, from, from + group, failure);
            if (used == 0) {
                from += group;
                continue;
            }
            remove_some(actions, used, actions->count);
            remove_some(actions, from, from + group);
        }
}

static void print(const struct settings *settings, const struct actions *actions)
{
    struct run *run = run_new(settings, &unused);
    struct buffer text = BUFFER_INIT;
    for (size_t i = 0; i < actions->count && !run->failure; i++) {
        if (!run_possible(run, actions->list[i]))
            continue;
        if (i + TRACE_MOST >= actions->count)
            action_describe(actions->list[i], &text);
        if (aborting && i + 1 == actions->count)
            break; /* this one is the end */
        run_do(run, actions->list[i]);
        if (i + TRACE_MOST < actions->count)
            continue;
        if (run->failure)
            buffer_printf(&text, "expected:\n%.*sengine:\n", (int)run->expected.size,
                          (const char *)run->expected.bytes);
        buffer_append(&text, run->traces[0].bytes, run->traces[0].size);
        if (run->failure && run->engines[1])
            buffer_printf(&text, "second engine:\n%.*s", (int)run->traces[1].size,
                          (const char *)run->traces[1].bytes);
    }
    fprintf(stderr, "%.*s%s\n", (int)text.size, (const char *)text.bytes,
            run->failure ? run->failure : "");
    buffer_deinit(&text);
    run_free(run);
}

static void shrink(const struct settings *settings, uint64_t steps, bool aborts)
{
    struct settings again = *settings;
    again.check_every = 1;
    struct actions actions = actions_of(&again, steps, aborts);
    aborting = aborts ? &actions : NULL;
    const char *failure = NULL;
    struct run *run = run_new(&again, &unused);
    for (size_t i = 0; !aborts && i < actions.count && !run->failure; i++)
        run_do(run, actions.list[i]);
    failure = run->failure;
    run_free(run);
    if ((aborts || failure) && actions.count <= SHRINK_MOST)
        make_short(&again, &actions, failure);
    fprintf(stderr, "%zu actions that lead to it:\n", actions.count);
    print(&again, &actions);
    remove_some(&actions, 0, actions.count);
    free(actions.list);
}

void run_shrink(const struct settings *settings, uint64_t steps)
{
    shrink(settings, steps, false);
}

void run_shrink_abort(const struct settings *settings, uint64_t steps)
{
    shrink(settings, steps, true);
}
