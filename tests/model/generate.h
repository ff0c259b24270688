/* SPDX-License-Identifier: MIT */
/*
 * Random requests over a small universe, so that they often meet: from a seed, always the same.
 */
#ifndef TSD_TESTS_GENERATE_H
#define TSD_TESTS_GENERATE_H

#include <stdint.h>

#include "naive.h"
#include "protocol/request.h"

struct random {
    uint64_t state;
};
uint64_t random_next(struct random *random);
uint64_t random_below(struct random *random, uint64_t bound); /* 0 to bound - 1 */

enum { GENERATE_SPACES = 3 };

/* Everything but number, ack, target and id, which depend on what there is. */
void generate_request(struct random *random, struct naive_request *request);

/* The request as a whole frame. */
void generate_encode(const struct naive_request *request, struct buffer *frame);

uint32_t generate_tuple_bytes(const struct naive_tuple *tuple);
const char *operation_text(enum tsd_operation op);

#endif
