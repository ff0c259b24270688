/* SPDX-License-Identifier: MIT */
#include "contrib/bench/faulty.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "contrib/bench/check.h"
#include "contrib/bench/tuple.h"

#define FAULTY_TAKE 100 /* which answer with a tuple is the wrong one */

const char *const fault_names[FAULTS] = {
    "none",
    "an answer that does not come",
    "a tuple given twice",
    "an altered tuple",
    "a tuple lost",
    "an answer that nobody asked",
    "garbage",
};

struct relay {
    enum fault fault;
    const struct driver *driver;
    int client, server;
    unsigned takes;
    uint8_t earlier[TUPLE_BYTES]; /* the first tuple given */
    size_t size;
    uint8_t bytes[64 << 10];
};

static bool send_all(int fd, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        bytes += n;
        size -= (size_t)n;
    }
    return true;
}

/* [number, status, nil] as a frame. */
static bool send_nil(int fd, uint64_t number, uint8_t status)
{
    uint8_t frame[] = {0xce, 0, 0, 0, 8, 0x93, 0xce, 0, 0, 0, 0, status, 0xc0};

    for (int i = 0; i < 4; i++)
        frame[7 + i] = (uint8_t)(number >> (24 - 8 * i));
    return send_all(fd, frame, sizeof frame);
}

static bool send_faulty(struct relay *relay, uint8_t *frame, size_t size,
                        const struct answer *answer)
{
    uint8_t *tuple = frame + (answer->tuple - frame);

    switch (relay->fault) {
    case FAULT_DROP:
        return true;
    case FAULT_TWICE:
        memcpy(tuple, relay->earlier, TUPLE_BYTES);
        break;
    case FAULT_ALTERED:
        tuple[TUPLE_BYTES - 1] ^= 1;
        break;
    case FAULT_NOMATCH:
        return send_nil(relay->client, answer->number, 1);
    case FAULT_STRAY:
        return send_nil(relay->client, answer->number + 1000, 0);
    case FAULT_GARBAGE:
        frame[0] = 0xc1;
        break;
    default:
        break;
    }
    return send_all(relay->client, frame, size);
}

static bool relay_answers(struct relay *relay)
{
    struct answer answer;
    size_t at = 0;
    long used;
    ssize_t n =
        recv(relay->server, relay->bytes + relay->size, sizeof relay->bytes - relay->size, 0);

    if (n <= 0)
        return false;
    relay->size += (size_t)n;
    while ((used = relay->driver->decode(relay->bytes + at, relay->size - at, &answer)) > 0) {
        uint8_t *frame = relay->bytes + at;
        bool take = answer.kind == ANSWER_TUPLE;
        if (take && relay->takes == 0)
            memcpy(relay->earlier, answer.tuple, TUPLE_BYTES);
        relay->takes += take;
        bool sent = take && relay->takes == FAULTY_TAKE
                        ? send_faulty(relay, frame, (size_t)used, &answer)
                        : send_all(relay->client, frame, (size_t)used);
        if (!sent)
            return false;
        at += (size_t)used;
    }
    relay->size -= at;
    memmove(relay->bytes, relay->bytes + at, relay->size);
    return used == 0;
}

static bool relay_requests(struct relay *relay)
{
    uint8_t bytes[4096];
    ssize_t n = recv(relay->client, bytes, sizeof bytes, 0);

    return n > 0 && send_all(relay->server, bytes, (size_t)n);
}

static void relay_one(struct relay *relay)
{
    struct pollfd fds[] = {{relay->client, POLLIN, 0}, {relay->server, POLLIN, 0}};

    while (poll(fds, 2, -1) > 0) {
        if (fds[0].revents && !relay_requests(relay))
            return;
        if (fds[1].revents && !relay_answers(relay))
            return;
    }
}

static void run(enum fault fault, const struct server *behind, int listener)
{
    static struct relay relay;

    relay.fault = fault;
    relay.driver = behind->driver;
    relay.server = server_connect(behind, 0);
    relay.client = accept(listener, NULL, NULL);
    if (relay.server >= 0 && relay.client >= 0)
        relay_one(&relay);
    _exit(0);
}

void faulty_start(enum fault fault, const struct server *behind, struct server *relay)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pid_t parent = getpid();

    *relay = (struct server){.driver = behind->driver};
    if (snprintf(relay->socket, sizeof relay->socket, "%.100s.f%d", behind->socket, (int)fault) < 0)
        die("no name for a socket");
    memcpy(address.sun_path, relay->socket, sizeof address.sun_path);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 1) != 0)
        die("%s: %s", relay->socket, strerror(errno));
    relay->pid = fork();
    if (relay->pid < 0)
        die("fork: %s", strerror(errno));
    if (relay->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == parent)
            run(fault, behind, listener);
        _exit(1);
    }
    close(listener);
}

void faulty_stop(struct server *relay)
{
    kill(relay->pid, SIGKILL);
    waitpid(relay->pid, NULL, 0);
    relay->pid = 0;
}
