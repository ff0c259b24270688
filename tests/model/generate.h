/* SPDX-License-Identifier: MIT */
/*
 * Random requests over a small universe, so that they often meet: from a seed, always the same; or
 * from bytes that decide each choice, as a fuzzer gives them.
 */
#ifndef TSD_TESTS_GENERATE_H
#define TSD_TESTS_GENERATE_H

#include <stdint.h>

#include "naive.h"
#include "protocol/request.h"

struct random {
    uint64_t state;
    const uint8_t *bytes; /* these first: as few as a choice needs */
    size_t left;
};
uint64_t random_next(struct random *random);
uint64_t random_below(struct random *random, uint64_t bound); /* 0 to bound - 1 */
bool random_one_in(struct random *random, uint64_t n);

/* What is asked: of all that there is; or to put, take and look alone, of more various tuples. */
enum generate_mix { GENERATE_ALL, GENERATE_PLAIN };

/*
 * Everything but number, ack, target, id, cursor and tokens, which depend on what there is: a
 * finish or release has no token yet, nor has a step of an atomic that finishes.
 */
void generate_request(struct random *random, enum generate_mix mix, struct naive_request *request);
/* A request that deletes all that is stored in some space. */
void generate_discard(struct random *random, struct naive_request *request);

/* encode.c: the request as a whole frame; the secret of a hold that was told by its number. */
typedef uint64_t secret_of(void *context, uint64_t hold);
void generate_encode(const struct naive_request *request, secret_of *secret, void *context,
                     struct buffer *frame);

const char *generate_space_name(int space); /* -1: none, empty */
uint32_t generate_tuple_bytes(const struct naive_tuple *tuple);

#endif
