/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE

#include "server/systemd.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

#define FIRST_DESCRIPTOR 3

/* A variable that is a whole number from 0, else UINT64_MAX. */
static uint64_t systemd_number(const char *variable)
{
    const char *text = getenv(variable);
    unsigned long long value;
    char *end;

    if (!text || text[0] < '0' || text[0] > '9')
        return UINT64_MAX;
    errno = 0;
    value = strtoull(text, &end, 10);
    return errno || *end ? UINT64_MAX : value;
}

static bool systemd_option_is(int fd, int option, int wanted)
{
    int value = 0;
    socklen_t size = sizeof(value);

    return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 && value == wanted;
}

int systemd_socket(struct problem *problem)
{
    uint64_t pid = systemd_number("LISTEN_PID"), count = systemd_number("LISTEN_FDS");
    int fd = FIRST_DESCRIPTOR;

    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    if (pid != (uint64_t)getpid() || count == 0 || count == UINT64_MAX)
        return 0;
    if (count > 1)
        return problem_set(problem, TS_INVALID, 0,
                           "%llu descriptors were passed, where one socket is served",
                           (unsigned long long)count);
    if (!systemd_option_is(fd, SO_DOMAIN, AF_UNIX) ||
        !systemd_option_is(fd, SO_TYPE, SOCK_STREAM) || !systemd_option_is(fd, SO_ACCEPTCONN, 1))
        return problem_set(problem, TS_INVALID, 0,
                           "the descriptor that was passed is not a listening Unix stream socket");
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ||
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
        return problem_set(problem, TS_INVALID, 0, "cannot use the descriptor that was passed: %s",
                           strerror(errno));
    return fd;
}

int systemd_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    size_t length = path ? strlen(path) : 0;
    socklen_t size;

    if (length == 0)
        return 0;
    if ((path[0] != '/' && path[0] != '@') || length >= sizeof(name.sun_path))
        return -EINVAL;
    memcpy(name.sun_path, path, length);
    if (path[0] == '@')
        name.sun_path[0] = '\0'; /* an abstract one */
    size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    CLEANUP(fd) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 ||
        sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&name, size) < 0)
        return -errno;
    return 0;
}

int systemd_extend(uint64_t us)
{
    char state[64];

    (void)snprintf(state, sizeof(state), "EXTEND_TIMEOUT_USEC=%" PRIu64, us);
    return systemd_notify(state);
}

int systemd_reloading(void)
{
    struct timespec now;
    char state[64];

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    (void)snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
                   (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
    return systemd_notify(state);
}

int systemd_status(const char *format, ...)
{
    static const char key[] = "STATUS=";
    char state[256];
    va_list args;

    memcpy(state, key, sizeof(key));
    va_start(args, format);
    (void)vsnprintf(state + sizeof(key) - 1, sizeof(state) - (sizeof(key) - 1), format, args);
    va_end(args);
    for (char *at = state; *at; at++) /* a line is a state */
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = '?';
    return systemd_notify(state);
}

uint64_t systemd_watchdog_us(void)
{
    uint64_t pid = systemd_number("WATCHDOG_PID"), interval_us = systemd_number("WATCHDOG_USEC");

    if (interval_us == UINT64_MAX || (getenv("WATCHDOG_PID") && pid != (uint64_t)getpid()))
        return 0;
    return interval_us;
}
