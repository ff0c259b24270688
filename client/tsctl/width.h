/* SPDX-License-Identifier: MIT */
/*
 * How many columns text takes on a screen: the same on every machine, whatever its locale.
 */
#ifndef TSCTL_WIDTH_H
#define TSCTL_WIDTH_H

#include <stdbool.h>
#include <stddef.h>

#include "protocol/buffer.h"

struct width_step {
    size_t bytes;     /* of this character, at least 1 */
    unsigned columns; /* 0, 1 or 2 */
    bool printable;   /* false: a control character or no valid UTF-8; one column for a stand-in */
};

/* The first character of size bytes (at least one). */
struct width_step width_next(const char *text, size_t size);

unsigned width_of(const char *text, size_t size);

/* Cuts what stands in the buffer from there on to so many columns (at least 3), with dots in place of
 * what is cut. Returns how many it takes then. */
unsigned width_cut(struct buffer *text, size_t from, unsigned most);

#endif
