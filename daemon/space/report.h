/* SPDX-License-Identifier: MIT */
/*
 * What `stats` and `explain` tell, as MessagePack in the effects' text (TSD_STATS, TSD_EXPLAINS).
 *
 * Written key by key into maps and arrays whose heads are counted up when they end. Nothing of it
 * depends on the hash key. The process ends without memory.
 */
#ifndef TSD_SPACE_REPORT_H
#define TSD_SPACE_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/buffer.h"
#include "protocol/numbers.h"
#include "protocol/pattern.h"

struct engine;
struct length;
struct space;

#define REPORT_SHAPES_MOST 1000 /* of a space that are told */

/* A map or an array under way; at most 65,535 pairs or elements. */
struct report {
    struct buffer *out;
    size_t at; /* of its head */
    uint32_t count;
};

struct report report_map(struct buffer *out);
struct report report_array(struct buffer *out);
/* A map or an array as the value of a key. */
struct report report_map_at(struct report *map, uint32_t key);
struct report report_array_at(struct report *map, uint32_t key);
void report_end(const struct report *report);

/* A pair of a map; an element of an array. */
void report_uint_at(struct report *map, uint32_t key, uint64_t value);
void report_bool_at(struct report *map, uint32_t key, bool value);
void report_uint(struct report *array, uint64_t value);
void report_bool(struct report *array, bool value);

/* A row of `stats`. */
void report_space(struct buffer *out, const struct space *space);

/* How a look for the pattern goes among tuples of one length, as an element of `ways`. */
void report_way(struct report *ways, const struct engine *engine, const struct space *space,
                uint32_t fields, const struct pattern *pattern);

#endif
