/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* strchrnul */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tsctl/child.h"
#include "tsctl/command.h"
#include "tsctl/complain.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"
#include "tsctl/memory.h"
#include "tsctl/words.h"
#include "tsctl/work_log.h"
#include "tsctl/work_options.h"
#include "tsctl/work_pool.h"
#include "tsctl/work_results.h"

#define WORKER_BYTES 1024 /* of CMD in error tuples */
#define FILES_OF_TASK 2
#define FILES_BESIDE 32

static const char *const work_examples[] = {
    "tsctl out '[\"file\", \"a.png\"]' '[\"file\", \"b.png\"]'",
    "tsctl work -j2 --drain '[\"file\", ?str]' -- echo resizing {2}",
    NULL,
};

/* Whether a program of that name can be run; errno says why not. */
static bool can_run(const char *name)
{
    const char *folders = getenv("PATH");
    if (strchr(name, '/') != NULL)
        return access(name, X_OK) == 0;
    int error = ENOENT;
    for (const char *at = folders != NULL ? folders : "/bin:/usr/bin"; *at != '\0';) {
        const char *end = strchrnul(at, ':');
        char *path = memory_printf("%.*s/%s", (int)(end - at), at, name);
        bool found = access(path, X_OK) == 0;
        error = !found && errno == EACCES ? EACCES : error;
        free(path);
        if (found)
            return true;
        at = *end == ':' ? end + 1 : end;
    }
    errno = error;
    return false;
}

/* What no task could be run with is told before any is taken. */
static int check_program(const char *name)
{
    if (strchr(name, '{') != NULL || can_run(name))
        return 0;
    int error = errno;
    complain("work: cannot run %s: %s", name, strerror(error));
    return error == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}

static int check_jobs(unsigned jobs)
{
    struct rlimit files;
    rlim_t needed = (rlim_t)jobs * FILES_OF_TASK + FILES_BESIDE;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= needed)
        return 0;
    complain("--jobs: %u tasks need %llu descriptors, and there are %llu", jobs,
             (unsigned long long)needed, (unsigned long long)files.rlim_cur);
    complain_hint("ulimit -n %llu", (unsigned long long)needed);
    return EXIT_USAGE;
}

static int check(struct call *call, char ***words)
{
    int status = child_command(call, 1, "pattern", words);
    if (status != 0)
        return status;
    call->argument_count = 1;
    if (call->options.has_count && call->options.min > 1)
        return complain_usage("--count: tasks are done one by one: such as -n 10");
    status = work_results_check(&call->options);
    if (status == 0)
        status = check_program((*words)[0]);
    return status;
}

/* The words with blanks between, for who reads it. */
static void join(char *const *words, struct buffer *out)
{
    for (; *words != NULL && out->size < WORKER_BYTES; words++)
        buffer_printf(out, "%s%s", out->size > 0 ? " " : "", *words);
    memory_check(!out->failed);
    if (out->size > WORKER_BYTES)
        out->size = WORKER_BYTES;
    buffer_append_byte(out, '\0');
    memory_check(!out->failed);
}

static void make_tasks(struct pool *pool)
{
    pool->tasks = memory_resize(NULL, pool->jobs * sizeof(*pool->tasks));
    for (unsigned i = 0; i < pool->jobs; i++)
        pool->tasks[i] =
            (struct task){.pool = pool, .slot = i, .spool = {-1, -1}, .err = {.fd = -1}};
}

static void free_tasks(struct pool *pool)
{
    for (unsigned i = 0; i < pool->jobs; i++) {
        struct task *task = &pool->tasks[i];
        work_spool_close(&task->spool);
        work_stderr_deinit(&task->err);
        buffer_deinit(&task->tuple);
        buffer_deinit(&task->tag);
    }
    free(pool->tasks);
}

/* With the connection there: runs the pool. What it has not settled goes back with the goodbye. */
static int run_pool(struct pool *pool)
{
    const char *space = ts_client_space_name(pool->client);
    int status = EXIT_REFUSED;
    setenv("TSD_SPACE", space, 1); /* for CMD, which may put and take, too */
    if (work_signals_open(&pool->signals)) {
        work_progress_init(&pool->progress, pool->call->options.quiet);
        status = work_pool_run(pool);
        work_progress_end(&pool->progress, pool->done, pool->failed);
    } else {
        complain("work: cannot wait for signals: %s", strerror(errno));
    }
    ts_disconnect(pool->client);
    return status;
}

/* First what is to end with tsctl's end, so that it does not keep the connection open. */
static int run_guarded(struct pool *pool)
{
    int status = EXIT_REFUSED, number = 0;
    if (!work_guard_start(&pool->guard, pool->jobs)) {
        complain("work: cannot start a process: %s", strerror(errno));
        return status;
    }
    pool->client = connect_daemon(pool->call, &status);
    if (pool->client != NULL) {
        make_tasks(pool);
        status = run_pool(pool);
        free_tasks(pool);
        number = pool->broken ? SIGPIPE : pool->signals.first;
    }
    work_guard_end(&pool->guard);
    if (pool->client != NULL)
        work_signals_close(&pool->signals, number);
    return status;
}

static int run_work(struct call *call)
{
    const struct work_options *options = &call->options.work;
    struct pool pool = {
        .call = call,
        .options = options,
        .jobs = options->jobs > 0 ? options->jobs : 1,
        .log = -1,
        .left = call->options.has_count ? call->options.max : COUNT_ALL,
    };
    struct word_list patterns = {0};
    int status = check(call, &pool.words);
    if (status == 0)
        status = check_jobs(pool.jobs);
    if (status == 0)
        status = words_read_patterns(call, &patterns);
    if (status == 0 && options->log != NULL && (pool.log = work_log_open(options->log)) < 0)
        status = EXIT_USAGE;
    if (status == 0) {
        pool.pattern = patterns.values[0];
        join(pool.words, &pool.worker);
        status = run_guarded(&pool);
    }
    if (pool.log >= 0)
        close(pool.log);
    buffer_deinit(&pool.worker);
    word_list_deinit(&patterns);
    return status;
}

const struct command cmd_work = {
    .name = "work",
    .arguments = "PATTERN -- CMD [ARGUMENT...]",
    .summary = "run a command for each tuple, a crash-safe pool of workers",
    .options = work_option_list,
    .uses = USE_COUNT,
    .help = "CMD has the tuple on standard input as JSON, in its words {} and {1}, and in\n"
            "$TSD_1. Exit 0 finishes it; 75 gives it back uncounted; any other end gives it\n"
            "back and puts [\"error\", CMD, kind, detail, trace]. Status 6: some failed.\n",
    .runs_another = true,
    .examples = work_examples,
    .run = run_work,
};
