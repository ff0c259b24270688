/* SPDX-License-Identifier: MIT */
#include "contrib/bench/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "contrib/bench/check.h"
#include "contrib/bench/client.h"
#include "contrib/bench/proc.h"

#define EVENTS 64
#define PATIENCE_NS UINT64_C(10000000000)

enum phase { WARMING, MEASURING, ENDING };

/* A run and what is measured of it. */
struct course {
    struct run run;
    struct client *clients;
    unsigned open;
    int epoll;
    enum phase phase;
    uint64_t begun_ns;    /* of the phase */
    uint64_t answered_ns; /* when there was an answer last */
    struct sample sample; /* the start's figures, then the differences */
};

static struct sample now(const struct course *course, uint64_t wall_ns)
{
    return (struct sample){course->run.answered, wall_ns, proc_cpu_ns(course->run.server->pid),
                           proc_own_cpu_ns()};
}

static void begin_measuring(struct course *course, uint64_t now_ns)
{
    course->phase = MEASURING;
    course->begun_ns = now_ns;
    course->sample = now(course, now_ns);
}

static void end_measuring(struct course *course, uint64_t now_ns)
{
    struct sample start = course->sample, end = now(course, now_ns);

    course->sample =
        (struct sample){end.requests - start.requests, end.wall_ns - start.wall_ns,
                        end.server_ns - start.server_ns, end.generator_ns - start.generator_ns};
    course->phase = ENDING;
    course->run.ending = true;
}

static void look_at_clock(struct course *course)
{
    const struct load *load = course->run.load;
    uint64_t now_ns = clock_ns();

    if (course->phase == WARMING && now_ns - course->begun_ns >= load->warm_ns) {
        begin_measuring(course, now_ns);
    } else if (course->phase == MEASURING &&
               (load->limit ? course->run.answered >= load->limit
                            : now_ns - course->begun_ns >= load->measured_ns)) {
        end_measuring(course, now_ns);
    }
}

static void watch(struct course *course, struct client *client, int operation)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};

    if (client->stuck)
        event.events |= EPOLLOUT;
    if (epoll_ctl(course->epoll, operation, client->fd, &event) != 0)
        die("epoll_ctl: %s", strerror(errno));
}

/* After a client was pumped: it has left, or waits for something else than before. */
static void settle(struct course *course, struct client *client, bool was_stuck)
{
    if (client->left) {
        client_close(client);
        course->open--;
    } else if (client->stuck != was_stuck) {
        watch(course, client, EPOLL_CTL_MOD);
    }
}

static void serve(struct course *course, struct client *client, uint32_t events)
{
    bool was_stuck = client->stuck;

    if (client->fd < 0)
        return;
    if ((events & ~(uint32_t)EPOLLOUT && !client_read(client)) ||
        (!client->left && !client_pump(client))) {
        course->run.failed = true;
        return;
    }
    settle(course, client, was_stuck);
}

static void open_clients(struct course *course)
{
    for (unsigned i = 0; i < course->run.load->clients; i++) {
        struct client *client = &course->clients[i];
        if (!client_open(client, &course->run, i) || !client_pump(client)) {
            course->run.failed = true;
            return;
        }
        course->open++;
        watch(course, client, EPOLL_CTL_ADD);
        settle(course, client, client->stuck);
    }
}

static void go_round(struct course *course)
{
    struct epoll_event events[EVENTS];
    uint64_t patience_ns = course->run.load->patience_ns;
    uint64_t answered = course->run.answered;
    int n = epoll_wait(course->epoll, events, EVENTS, 100);

    if (n < 0 && errno != EINTR)
        die("epoll_wait: %s", strerror(errno));
    for (int i = 0; i < n && !course->run.failed; i++)
        serve(course, events[i].data.ptr, events[i].events);
    if (course->run.answered != answered) {
        course->answered_ns = 0;
    } else if (course->answered_ns == 0) {
        course->answered_ns = clock_ns();
    } else if (clock_ns() - course->answered_ns > (patience_ns ? patience_ns : PATIENCE_NS)) {
        check_failed("%s does not answer any more", course->run.server->driver->name);
        course->run.failed = true;
    }
}

bool load_run(const struct server *server, const struct load *load, struct ledger *ledger,
              struct sample *sample)
{
    struct course course = {.run = {.server = server, .load = load, .ledger = ledger}};

    course.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (course.epoll < 0)
        die("epoll_create1: %s", strerror(errno));
    course.clients = allocate(load->clients * sizeof *course.clients);
    for (unsigned i = 0; i < load->clients; i++)
        course.clients[i].fd = -1;
    course.begun_ns = clock_ns();
    if (load->limit)
        begin_measuring(&course, course.begun_ns);
    open_clients(&course);
    while (course.open > 0 && !course.run.failed) {
        go_round(&course);
        look_at_clock(&course);
    }
    for (unsigned i = 0; i < load->clients; i++)
        client_close(&course.clients[i]);
    free(course.clients);
    close(course.epoll);
    *sample = course.sample;
    return !course.run.failed;
}
