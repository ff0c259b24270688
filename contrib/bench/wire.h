/* SPDX-License-Identifier: MIT */
/*
 * A connection that waits, for protocols of lines: Redis' and beanstalkd's.
 */
#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "contrib/bench/server.h"

#define WIRE_BYTES (64 << 10) /* each way */

struct wire {
    const struct server *server;
    int fd;
    size_t out_size, in_from, in_size;
    char out[WIRE_BYTES], in[WIRE_BYTES];
};

void wire_open(struct wire *wire, const struct server *server);
void wire_close(struct wire *wire);

/* Adds to what will be written. */
void wire_add(struct wire *wire, const void *bytes, size_t size);
void wire_format(struct wire *wire, const char *format, ...) __attribute__((format(printf, 2, 3)));
void wire_flush(struct wire *wire);

/* The next line, without its end; valid until the next call. */
const char *wire_line(struct wire *wire);
/* The next so many bytes and the end of a line after them. */
const uint8_t *wire_bytes(struct wire *wire, size_t size);
/* A line that begins so; the rest of it. */
const char *wire_expect(struct wire *wire, const char *begin);

#endif
