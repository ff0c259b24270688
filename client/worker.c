/* SPDX-License-Identifier: MIT */
#include "client/worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/backtrace.h"
#include "client/connection.h"

enum { PATIENCE_MS = 5000 }; /* for a daemon that is to put a will, if it stands still */

static ts_status leave_will(struct worker *worker, const char *kind, ts_value detail,
                            const char *trace)
{
    const ts_values error = TS("error", worker->name, kind, detail, trace);
    const ts_status status = ts_will(worker->warden, &error, 1);

    if (status == TS_OK)
        worker->run = ts_client_daemon(worker->warden)->run;
    return status;
}

static ts_status leave_lost(struct worker *worker)
{
    return leave_will(worker, "lost", TS_NIL, "");
}

struct worker *worker_new(ts_client *client, const char *name, ts_status *status)
{
    struct connection *connection = client->connection;
    const ts_options options = {.name = connection->client_name, .space = client->name};
    struct worker *worker = calloc(1, sizeof(*worker));

    *status = TS_NO_MEMORY;
    if (!worker) {
        connection_fail(connection, TS_NO_MEMORY, "out of memory for a worker");
        return NULL;
    }
    worker->pidfd = -1;
    worker->trace = -1;
    worker->name = strdup(name);
    worker->space = strdup(client->name);
    worker->warden = ts_connect(connection->path, &options);
    if (worker->name && worker->space && worker->warden)
        *status = leave_lost(worker);
    if (*status == TS_OK) {
        worker->trace = backtrace_open();
        return worker;
    }
    connection_fail(connection, *status, "%s",
                    worker->warden ? ts_error_text(worker->warden) : "out of memory for a worker");
    return worker_free(worker);
}

struct worker *worker_free(struct worker *worker)
{
    if (!worker)
        return NULL;
    if (worker->pidfd >= 0)
        close(worker->pidfd);
    if (worker->trace >= 0)
        close(worker->trace);
    ts_abandon(worker->warden);
    free(worker->name);
    free(worker->space);
    free(worker);
    return NULL;
}

static void failed(struct worker *worker, const char *kind, int detail)
{
    worker->kind = kind;
    worker->detail = detail;
}

static void ended(struct worker *worker, int status)
{
    const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

    worker->pid = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
        failed(worker, "exit", WEXITSTATUS(status));
    else if (signal && !(worker->ending && (signal == SIGTERM || signal == SIGKILL)))
        failed(worker, "signal", signal);
}

/* By its process id alone; where somebody else has waited for it, it was not seen to end. */
void worker_reap(struct worker *worker)
{
    int status;
    pid_t pid;

    if (worker->pid == 0)
        return;
    do
        pid = waitpid(worker->pid, &status, WNOHANG);
    while (pid < 0 && errno == EINTR);
    if (pid == worker->pid) {
        ended(worker, status);
    } else if (pid < 0) {
        worker->pid = 0;
        if (!worker->ending)
            failed(worker, "lost", 0);
    }
}

/*
 * The warden's connection was lost. The daemon that is there now either is the same: then it has put
 * the will, and that is what was told of this worker; or another one, which has nothing.
 */
static ts_status come_back(struct worker *worker)
{
    ts_status status = ts_reconnect(worker->warden);

    if (status == TS_OK)
        status = ts_ping(worker->warden);
    if (status == TS_OK && ts_client_daemon(worker->warden)->run == worker->run)
        worker->told = true;
    return status;
}

void worker_keep_will(struct worker *worker)
{
    if (worker->pid == 0 || worker->told || ts_client_dispatch(worker->warden) == TS_OK)
        return;
    if (come_back(worker) != TS_OK)
        return;
    if (worker->told)
        worker_signal(worker, SIGKILL); /* it was told to be lost: let that be true */
    else
        (void)leave_lost(worker);
}

void worker_signal(struct worker *worker, int signal)
{
    if (worker->pid == 0)
        return;
    worker->ending = true;
    kill(worker->pid, signal);
}

/* Waits until the daemon has closed its end: it has put the will before. */
static void await_end(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    char bytes[512];
    ssize_t got = 1;

    while (got > 0) {
        int polled = poll(&p, 1, PATIENCE_MS);
        if (polled == 0)
            return;
        if (polled > 0)
            got = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
        if ((polled < 0 || got < 0) && errno == EINTR)
            got = 1;
    }
}

/* Ends the warden as the parent's death would. The socket itself, of which a child may have a copy. */
static ts_status put_will(struct worker *worker)
{
    const int fd = ts_client_fd(worker->warden);

    if (fd >= 0) {
        shutdown(fd, SHUT_WR);
        await_end(fd);
    }
    ts_abandon(worker->warden);
    worker->warden = NULL;
    worker->told = true;
    return TS_OK;
}

static ts_status leave_failure(struct worker *worker)
{
    char *trace = backtrace_read(worker->trace);
    const bool lost = strcmp(worker->kind, "lost") == 0;
    const ts_status status = leave_will(
        worker, worker->kind, lost ? TS_NIL : ts_value_int(worker->detail), trace ? trace : "");

    free(trace);
    return status;
}

ts_status worker_tell(struct worker *worker)
{
    ts_status status = TS_OK;

    if (!worker->kind) {
        ts_disconnect(worker->warden);
        worker->warden = NULL;
        return TS_OK;
    }
    if (!worker->told)
        status = leave_failure(worker);
    if (status != TS_OK && ts_client_status(worker->warden) != TS_OK) {
        status = come_back(worker);
        if (status == TS_OK && !worker->told)
            status = leave_failure(worker);
        if (ts_client_status(worker->warden) != TS_OK)
            return status;
    }
    return worker->told ? TS_OK
                        : put_will(worker); /* where it was refused: the one that was left */
}
