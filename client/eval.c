/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* syscall */
#include "client/eval.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "client/backtrace.h"
#include "client/connection.h"
#include "client/dispatch.h"
#include "client/private.h"
#include "client/sync.h"
#include "client/worker.h"

#define LOOK_NS (50 * (int64_t)1000000) /* between two looks of a dispatch at the workers */
enum { LOOK_MS = 50, MOST_STATUS = 255 };

struct workers {
    struct worker *first;
    size_t count;
    int64_t looked_ns;
    struct pollfd *polled; /* room for all workers, and the connection */
    size_t room;
};

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- Looking after them ---- */

/* The worker is done with; false where its failure could not be told yet. */
static bool settle(struct worker *worker)
{
    worker_reap(worker);
    worker_keep_will(worker);
    return worker->pid == 0 && worker_tell(worker) == TS_OK;
}

static void look(struct workers *workers)
{
    struct worker **at = &workers->first;

    workers->looked_ns = now_ns();
    while (*at) {
        struct worker *worker = *at;
        if (settle(worker)) {
            *at = worker->next;
            workers->count--;
            worker_free(worker);
        } else {
            at = &worker->next;
        }
    }
}

void eval_look(struct connection *connection, bool now)
{
    struct workers *workers = connection->workers;

    if (!workers || !workers->first || connection_is_foreign(connection))
        return;
    if (now || now_ns() - workers->looked_ns >= LOOK_NS)
        look(workers);
}

int64_t eval_due(const struct connection *connection)
{
    const struct workers *workers = connection->workers;

    return workers && workers->first ? workers->looked_ns + LOOK_NS : TS_NEVER;
}

/* Processes and wardens, as far as they have descriptors, and the connection, which may be NULL. */
static nfds_t list_polled(struct workers *workers, const struct connection *connection)
{
    nfds_t n = 0;

    if (connection && connection->fd >= 0) {
        const bool more = connection->sent < connection->out.size;
        workers->polled[n++] = (struct pollfd){connection->fd, more ? POLLIN | POLLOUT : POLLIN, 0};
    }
    for (struct worker *worker = workers->first; worker; worker = worker->next) {
        const int warden = ts_client_fd(worker->warden);
        if (worker->pid != 0 && worker->pidfd >= 0)
            workers->polled[n++] = (struct pollfd){worker->pidfd, POLLIN, 0};
        if (worker->pid != 0 && warden >= 0)
            workers->polled[n++] = (struct pollfd){warden, POLLIN, 0};
    }
    return n;
}

/* Whether all that may happen to workers shows in a descriptor. */
static bool all_polled(const struct workers *workers)
{
    for (struct worker *worker = workers->first; worker; worker = worker->next)
        if (worker->pid == 0 || worker->pidfd < 0 || ts_client_fd(worker->warden) < 0)
            return false;
    return true;
}

/* Whether a process has ended, or nobody has looked for a while. */
static bool is_time(const struct workers *workers, nfds_t from, nfds_t to)
{
    for (; from < to; from++)
        if (workers->polled[from].revents)
            return true;
    return now_ns() - workers->looked_ns >= LOOK_NS;
}

void eval_poll(struct connection *connection, int timeout_ms)
{
    struct workers *workers = connection->workers;
    nfds_t n;

    if (!workers || !workers->first) {
        if (connection->fd >= 0)
            connection_poll(connection, timeout_ms);
        else
            poll(NULL, 0, timeout_ms);
        return;
    }
    if (!all_polled(workers) && (timeout_ms == SYNC_FOREVER || timeout_ms > LOOK_MS))
        timeout_ms = LOOK_MS;
    n = list_polled(workers, connection);
    poll(workers->polled, n, timeout_ms);
    if (is_time(workers, connection->fd >= 0, n))
        look(workers);
}

/* ---- Starting one ---- */

static bool make_room(struct connection *connection)
{
    struct workers *workers = connection->workers;
    struct pollfd *polled;

    if (!workers)
        workers = connection->workers = calloc(1, sizeof(*workers));
    if (!workers)
        return false;
    if (2 * workers->count + 3 <= workers->room) /* two for each, one for the connection */
        return true;
    polled = realloc(workers->polled, (workers->room * 2 + 8) * sizeof(*polled));
    if (!polled)
        return false;
    workers->polled = polled;
    workers->room = workers->room * 2 + 8;
    return true;
}

/* What the parent had open towards the daemon is closed, so that its death would be seen. */
static ts_client *connect_worker(ts_client *client, struct worker *self)
{
    struct connection *parent = client->connection;
    const ts_options options = {
        .name = parent->client_name,
        .space = client->name,
        .positions = parent->positions,
        .reconnect =
            parent->rejoin.for_ns == TS_NEVER ? TS_FOREVER : (double)parent->rejoin.for_ns / 1e9,
    };
    ts_client *own;

    worker_free(self);
    own = ts_connect(parent->path, &options);
    connection_forget(parent);
    return own;
}

/* A handler of the parent's must not keep a worker from ending at ts_shutdown; its own may. */
static void listen_to_term(void)
{
    sigset_t term;

    (void)signal(SIGTERM, SIG_DFL);
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_UNBLOCK, &term, NULL);
}

/* In the child. A worker that fails gives back what it had not acknowledged. */
static _Noreturn void run(ts_client *client, struct worker *self, pid_t parent,
                          ts_function function, void *arg)
{
    const int trace = self->trace;
    ts_client *own;
    int status;

    prctl(PR_SET_PDEATHSIG, SIGKILL); /* the daemon tells of it as lost: let that be true */
    if (getppid() != parent)
        _exit(MOST_STATUS);
    self->trace = -1;
    listen_to_term();
    backtrace_install(trace);
    own = connect_worker(client, self);
    if (!own)
        _exit(MOST_STATUS);
    status = function(own, arg);
    if (status == 0)
        ts_disconnect(own);
    else
        ts_abandon(own);
    _exit(status >= 0 && status <= MOST_STATUS ? status : MOST_STATUS);
}

static ts_status start(ts_client *client, struct worker *worker, ts_function function, void *arg)
{
    struct workers *workers = client->connection->workers;
    const pid_t parent = getpid();
    const pid_t pid = fork();

    if (pid == 0)
        run(client, worker, parent, function, arg);
    if (pid < 0) {
        const int error = errno;
        ts_disconnect(worker->warden);
        worker->warden = NULL;
        worker_free(worker);
        return connection_fail(client->connection, error == ENOMEM ? TS_NO_MEMORY : TS_LIMIT,
                               "cannot start a worker: %s", strerror(error));
    }
    worker->pid = pid;
    worker->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    worker->next = workers->first;
    workers->first = worker;
    workers->count++;
    return TS_OK;
}

ts_status ts_eval(ts_client *client, const char *worker, ts_function function, void *arg)
{
    struct connection *connection = client ? client->connection : NULL;
    struct worker *made;
    ts_status status;

    if (!connection)
        return TS_NO_MEMORY;
    status = connection_check(connection);
    if (status != TS_OK)
        return status;
    if (!worker || !function)
        return connection_fail(connection, TS_INVALID, "ts_eval without %s",
                               worker ? "a function" : "a name for the worker");
    eval_look(connection, false);
    if (!make_room(connection))
        return connection_fail(connection, TS_NO_MEMORY, "out of memory for a worker");
    made = worker_new(client, worker, &status);
    return made ? start(client, made, function, arg) : status;
}

/* ---- Their end ---- */

static bool any_runs(const struct workers *workers)
{
    for (const struct worker *worker = workers->first; worker; worker = worker->next)
        if (worker->pid != 0)
            return true;
    return false;
}

static void signal_all(struct workers *workers, int signal)
{
    for (struct worker *worker = workers->first; worker; worker = worker->next)
        worker_signal(worker, signal);
}

/* Waits until none runs; the connection is not read meanwhile. Returns whether that was in time. */
static bool await_all(struct workers *workers, int64_t until_ns)
{
    look(workers);
    while (any_runs(workers)) {
        int ms = dispatch_poll_timeout(until_ns, now_ns());

        if (ms == 0)
            return false;
        if (!all_polled(workers) && (ms < 0 || ms > LOOK_MS))
            ms = LOOK_MS;
        poll(workers->polled, list_polled(workers, NULL), ms);
        look(workers);
    }
    return true;
}

static void end_all(struct workers *workers, double grace)
{
    const int64_t ns = grace < 9e9 ? (int64_t)(grace * 1e9) : TS_NEVER;

    look(workers);
    if (ns == TS_NEVER) {
        await_all(workers, TS_NEVER);
        return;
    }
    if (ns > 0)
        signal_all(workers, SIGTERM);
    if (ns > 0 && await_all(workers, now_ns() + ns))
        return;
    signal_all(workers, SIGKILL);
    await_all(workers, TS_NEVER);
}

static void end_private(struct connection *connection)
{
    if (!connection->own)
        return;
    rejoin_stop(connection, TS_NO_DAEMON);
    connection_lose(connection, TS_NO_DAEMON, "the private daemon was shut down");
    private_end(connection->own);
    connection->own = private_free(connection->own);
}

ts_status ts_shutdown(ts_client *client, double grace)
{
    struct connection *connection = client ? client->connection : NULL;
    ts_status status = TS_OK;

    if (!connection)
        return TS_NO_MEMORY;
    if (connection_is_foreign(connection))
        return connection_check(connection);
    if (!(grace >= 0))
        return connection_fail(connection, TS_INVALID,
                               "the grace is %g seconds: it is 0 or more, or TS_FOREVER", grace);
    connection_enter(connection);
    if (connection->workers) {
        end_all(connection->workers, grace);
        if (connection->workers->first)
            status = connection_fail(connection, TS_NO_DAEMON,
                                     "%zu workers failed, and no daemon is there to be told",
                                     connection->workers->count);
    }
    end_private(connection);
    connection_leave(connection);
    return status;
}

void eval_forget(struct connection *connection)
{
    struct workers *workers = connection->workers;

    connection->workers = NULL;
    if (!workers)
        return;
    while (workers->first) {
        struct worker *worker = workers->first;
        workers->first = worker->next;
        worker_free(worker);
    }
    free(workers->polled);
    free(workers);
}

void eval_end(struct connection *connection, bool goodbye)
{
    struct workers *workers = connection->workers;

    if (!workers)
        return;
    if (goodbye)
        end_all(workers, 0);
    else
        signal_all(workers, SIGKILL);
    eval_forget(connection);
}
