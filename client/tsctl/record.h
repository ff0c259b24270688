/* SPDX-License-Identifier: MIT */
/*
 * A record of named members, in the format of -o: what is more than a tuple, such as an event.
 *
 * An object a line, its strs and numbers as JSON and its tuples in the notation (-o json: all as
 * strict JSON); -o tsv: the values alone; -o sh: name='value' pairs; -o raw: a map. Names never
 * change, and members stand in the order in which they were added.
 */
#ifndef TSCTL_RECORD_H
#define TSCTL_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/buffer.h"
#include "tsctl/output.h"

struct record {
    struct buffer members; /* a str and a value each, as MessagePack */
    uint32_t count;
};

void record_deinit(struct record *record);

void record_str(struct record *record, const char *name, const char *text);
void record_uint(struct record *record, const char *name, uint64_t number);
void record_int(struct record *record, const char *name, int64_t number);
void record_id(struct record *record, const char *name, uint64_t id); /* a str (jq) */
void record_seconds(struct record *record, const char *name, double seconds);
void record_value(struct record *record, const char *name, const uint8_t *value, size_t size);

/* Adds it to the output, and empties it. */
void record_print(struct record *record, struct output *output);

/* Whether records can be written so; EXIT_USAGE after it has complained that they cannot. */
int record_check(const struct options *options);

#endif
