/* SPDX-License-Identifier: MIT */
#include "contrib/bench/visit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "contrib/bench/check.h"
#include "contrib/bench/proc.h"

#define PATIENCE_MS 10000

struct visitor {
    int fd;
    size_t size;
    uint8_t bytes[4096];
};

struct visits {
    const struct server *server;
    int epoll;
    struct visitor visitors[VISITORS_MAX];
};

static bool come(struct visits *visits, struct visitor *visitor)
{
    const struct driver *driver = visits->server->driver;
    struct request_data data = {.number = 1};
    uint8_t bytes[2 * REQUEST_MAX];
    size_t size = driver->encode(bytes, VERB_OPEN, &data);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = visitor};

    size += driver->encode(bytes + size, VERB_PING, &data);
    visitor->size = 0;
    visitor->fd = server_connect(visits->server, SOCK_NONBLOCK);
    if (visitor->fd < 0)
        return check_failed("%s: cannot connect: %s", driver->name, strerror(errno));
    if (send(visitor->fd, bytes, size, MSG_NOSIGNAL) != (ssize_t)size)
        return check_failed("%s: cannot send: %s", driver->name, strerror(errno));
    if (epoll_ctl(visits->epoll, EPOLL_CTL_ADD, visitor->fd, &event) != 0)
        die("epoll_ctl: %s", strerror(errno));
    return true;
}

static void leave(struct visitor *visitor)
{
    if (visitor->fd >= 0)
        close(visitor->fd);
    visitor->fd = -1;
}

/* Reads; *answered once the ping has been. */
static bool listen_to(struct visits *visits, struct visitor *visitor, bool *answered)
{
    const struct driver *driver = visits->server->driver;
    struct answer answer;
    long used;
    ssize_t n =
        recv(visitor->fd, visitor->bytes + visitor->size, sizeof visitor->bytes - visitor->size, 0);

    *answered = false;
    if (n < 0 && errno == EAGAIN)
        return true;
    if (n <= 0)
        return check_failed("%s closed a visitor's connection", driver->name);
    visitor->size += (size_t)n;
    while ((used = driver->decode(visitor->bytes, visitor->size, &answer)) > 0) {
        visitor->size -= (size_t)used;
        memmove(visitor->bytes, visitor->bytes + used, visitor->size);
        if (*answered || (answer.kind == ANSWER_FAILED))
            return check_failed("%s answered a visitor's ping amiss", driver->name);
        *answered = answer.kind != ANSWER_OPENED;
    }
    return used == 0 || check_failed("%s sent a visitor what is no answer", driver->name);
}

/* Serves who is ready; counts who got an answer, and lets each who did come again. */
static bool go_round(struct visits *visits, bool again, uint64_t *answers)
{
    struct epoll_event events[VISITORS_MAX];
    int n = epoll_wait(visits->epoll, events, VISITORS_MAX, PATIENCE_MS);

    if (n < 0 && errno != EINTR)
        die("epoll_wait: %s", strerror(errno));
    if (n == 0)
        return check_failed("%s does not answer visitors any more", visits->server->driver->name);
    for (int i = 0; i < n; i++) {
        struct visitor *visitor = events[i].data.ptr;
        bool answered;
        if (!listen_to(visits, visitor, &answered))
            return false;
        if (!answered)
            continue;
        ++*answers;
        leave(visitor);
        if (again && !come(visits, visitor))
            return false;
    }
    return true;
}

static bool run(struct visits *visits, unsigned visitors, uint64_t measured_ns,
                struct sample *sample)
{
    pid_t pid = visits->server->pid;
    uint64_t start_ns = clock_ns(), answers = 0, late = 0;
    struct sample start = {0, start_ns, proc_cpu_ns(pid), proc_own_cpu_ns()};

    for (unsigned i = 0; i < visitors; i++)
        if (!come(visits, &visits->visitors[i]))
            return false;
    while (clock_ns() - start_ns < measured_ns)
        if (!go_round(visits, true, &answers))
            return false;
    *sample =
        (struct sample){answers, clock_ns() - start.wall_ns, proc_cpu_ns(pid) - start.server_ns,
                        proc_own_cpu_ns() - start.generator_ns};
    while (late < visitors)
        if (!go_round(visits, false, &late))
            return false;
    return true;
}

bool visit_run(const struct server *server, unsigned visitors, uint64_t measured_ns,
               struct sample *sample)
{
    struct visits *visits = allocate(sizeof *visits);

    visits->server = server;
    visits->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (visits->epoll < 0)
        die("epoll_create1: %s", strerror(errno));
    for (unsigned i = 0; i < VISITORS_MAX; i++)
        visits->visitors[i].fd = -1;
    bool done = run(visits, visitors, measured_ns, sample);
    for (unsigned i = 0; i < VISITORS_MAX; i++)
        leave(&visits->visitors[i]);
    close(visits->epoll);
    free(visits);
    return done;
}
