/* SPDX-License-Identifier: MIT */
/*
 * ts_values to what goes over the wire: tuples (values.c) and patterns (matchers.c).
 *
 * All append to a buffer and return 0, or -status with the problem set; the buffer may then have part
 * of it, which the caller cuts off. Whether there was memory the caller sees at the end, by
 * buffer->failed. What is refused here would otherwise be a malformed frame, at which the daemon closes
 * the connection; what only breaks a rule is left to the daemon's answer.
 */
#ifndef TSCLIENT_VALUES_H
#define TSCLIENT_VALUES_H

#include <stdbool.h>
#include <stddef.h>

#include <tsclient.h>

#include "protocol/buffer.h"
#include "protocol/pattern.h"
#include "protocol/problem.h"

int values_encode_tuple(const ts_values *values, struct buffer *out, struct problem *problem);

/* `room` is where a pattern that is encoded already is checked. */
int values_encode_pattern(const ts_values *values, struct pattern_room *room, struct buffer *out,
                          struct problem *problem);

/* One plain value; `depth` levels of arrays and maps are around it. */
int value_encode(const ts_value *value, unsigned depth, struct buffer *out,
                 struct problem *problem);

/* Whether it is a plain value, with nothing but plain values in it. */
bool value_is_plain(const ts_value *value);

#endif
