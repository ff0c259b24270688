/* SPDX-License-Identifier: MIT */
/*
 * A client that speaks the wire by hand: whole frames, halves of them, nonsense.
 *
 * Blocks; what does not come within a generous time fails the test, so that none hangs. Tuples and
 * patterns are written in the notation.
 */
#ifndef TSD_TEST_WIRE_H
#define TSD_TEST_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/reply.h"
#include "protocol/request.h"

struct wire {
    int fd;
    struct buffer in;    /* bytes that came, and were not taken as frames */
    struct buffer frame; /* the last frame taken */
    struct reply reply;  /* and decoded, where it was an answer */
};

void wire_connect(struct wire *wire, const char *path); /* says nothing yet */
void wire_open(struct wire *wire, const char *path);    /* and has been welcomed */
void wire_close(struct wire *wire);

void wire_send(struct wire *wire, const void *bytes, size_t size);

/* Whether all of it could be sent; not where the daemon has hung up. */
bool wire_try_send(struct wire *wire, const void *bytes, size_t size);

/* Frames, appended to a buffer or sent at once. */
void wire_add_hello(struct buffer *out);
void wire_add_out(struct buffer *out, uint64_t number, const char *space, const char *tuple);
/* `in`, `rd`, `scan`, `count` of a pattern; timeout_us UINT64_MAX: none is given */
void wire_add_match(struct buffer *out, enum tsd_operation op, uint64_t number, const char *space,
                    const char *pattern, uint64_t timeout_us);
void wire_add_plain(struct buffer *out, enum tsd_operation op, uint64_t number, uint64_t ack);
void wire_flush(struct wire *wire, struct buffer *out); /* sends and clears it */

/* Reads one frame. False at the end of file. */
bool wire_read(struct wire *wire, struct frame *frame);

/* Reads one answer; fails the test where it is not to that number with that status. */
void wire_expect(struct wire *wire, uint64_t number, enum ts_status status);

/* An error frame that has the text in it, then the end of file. */
void wire_expect_error(struct wire *wire, enum ts_status status, const char *text);
void wire_expect_end(struct wire *wire);

/* out, ping: a whole exchange, so that all before it has been handled. */
void wire_out(struct wire *wire, uint64_t number, const char *tuple);
void wire_ping(struct wire *wire, uint64_t number);

/* How many tuples match, asked by a connection of its own. */
uint64_t wire_count(const char *path, const char *pattern);

#endif
