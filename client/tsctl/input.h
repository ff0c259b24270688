/* SPDX-License-Identifier: MIT */
/*
 * Records from standard input: lines, runs of bytes between zeroes, or MessagePack tuples.
 *
 * A record is valid until the next call. Memory grows with the longest record that came, not with
 * what is promised.
 */
#ifndef TSCTL_INPUT_H
#define TSCTL_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/buffer.h"
#include "protocol/problem.h"
#include "tsctl/options.h"

#define INPUT_RECORD_BYTES MIB(128) /* a tuple's text, at the worst six bytes for one of its own */

enum input_result {
    INPUT_RECORD,
    INPUT_IDLE, /* nothing came for so long as the caller has patience */
    INPUT_END,
    INPUT_INTERRUPTED, /* by a signal; see interrupt.h */
    INPUT_FAILED,      /* it has complained */
};

struct input {
    int fd;
    bool raw; /* MessagePack tuples instead of records that end with `separator` */
    char separator;
    bool ended;
    struct buffer bytes;
    size_t at;         /* where the next record starts in bytes */
    size_t looked;     /* bytes after `at` known to have no separator */
    uint64_t number;   /* of the record last given, from 1 */
    uint64_t consumed; /* bytes given as records */
};

void input_init(struct input *input, int fd, const struct options *options);
void input_deinit(struct input *input);

/* patience_ms: as poll's timeout, -1 to wait for ever. */
enum input_result input_next(struct input *input, int patience_ms, const char **record,
                             size_t *size);

/*
 * Appends the tuple that the record is, as MessagePack. 0, or -status with the problem set; its
 * offset is a place in the record.
 */
int input_read_tuple(struct options *options, const char *record, size_t size, struct buffer *out,
                     struct problem *problem);

#endif
