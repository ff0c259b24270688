/* SPDX-License-Identifier: MIT */
#include "contrib/bench/wire.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "contrib/bench/check.h"

void wire_open(struct wire *wire, const struct server *server)
{
    wire->server = server;
    wire->out_size = wire->in_from = wire->in_size = 0;
    wire->fd = server_connect(server, 0);
    if (wire->fd < 0)
        die("%s: a process cannot connect: %s", server->driver->name, strerror(errno));
}

void wire_close(struct wire *wire)
{
    close(wire->fd);
}

void wire_add(struct wire *wire, const void *bytes, size_t size)
{
    if (wire->out_size + size > sizeof wire->out)
        wire_flush(wire);
    memcpy(wire->out + wire->out_size, bytes, size);
    wire->out_size += size;
}

void wire_format(struct wire *wire, const char *format, ...)
{
    char text[512];
    va_list list;

    va_start(list, format);
    int size = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    wire_add(wire, text, (size_t)size);
}

void wire_flush(struct wire *wire)
{
    for (size_t at = 0; at < wire->out_size;) {
        ssize_t n = send(wire->fd, wire->out + at, wire->out_size - at, MSG_NOSIGNAL);
        if (n <= 0)
            die("%s: a process cannot write: %s", wire->server->driver->name, strerror(errno));
        at += (size_t)n;
    }
    wire->out_size = 0;
}

static void receive(struct wire *wire)
{
    if (wire->in_from > 0) {
        wire->in_size -= wire->in_from;
        memmove(wire->in, wire->in + wire->in_from, wire->in_size);
        wire->in_from = 0;
    }
    ssize_t n = recv(wire->fd, wire->in + wire->in_size, sizeof wire->in - wire->in_size, 0);
    if (n <= 0)
        die("%s closed a process' connection", wire->server->driver->name);
    wire->in_size += (size_t)n;
}

const char *wire_line(struct wire *wire)
{
    char *end;

    wire_flush(wire);
    while (!(end = memchr(wire->in + wire->in_from, '\n', wire->in_size - wire->in_from)))
        receive(wire);
    char *line = wire->in + wire->in_from;
    end[end > line ? -1 : 0] = '\0';
    wire->in_from = (size_t)(end - wire->in) + 1;
    return line;
}

const uint8_t *wire_bytes(struct wire *wire, size_t size)
{
    while (wire->in_size - wire->in_from < size + 2)
        receive(wire);
    const char *bytes = wire->in + wire->in_from;
    wire->in_from += size + 2;
    return (const uint8_t *)bytes;
}

const char *wire_expect(struct wire *wire, const char *begin)
{
    const char *line = wire_line(wire);

    if (strncmp(line, begin, strlen(begin)) != 0)
        die("%s answered %s where %s was expected", wire->server->driver->name, line, begin);
    return line + strlen(begin);
}
