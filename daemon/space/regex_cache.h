/* SPDX-License-Identifier: MIT */
/*
 * Compiled expressions, shared: equal ones (bytes and flag) are compiled once (rule P3).
 *
 * Each acquire is released once. The last REGEX_CACHE_IDLE that nobody uses any more are kept, so
 * that a request which is repeated compiles nothing. The cache owns all expressions and their
 * engine.
 */
#ifndef TSD_SPACE_REGEX_CACHE_H
#define TSD_SPACE_REGEX_CACHE_H

#include "protocol/equal.h"
#include "space/regex.h"

#define REGEX_CACHE_IDLE 32

struct regex_cache;

struct regex_cache *regex_cache_new(const struct hash_key *key); /* NULL without memory */
struct regex_cache *regex_cache_free(struct regex_cache *cache); /* none is in use any more */

/* As regex_new; the same pointer for equal expressions as long as one is in use. */
struct regex *regex_cache_acquire(struct regex_cache *cache, const uint8_t *expression, size_t size,
                                  bool ignore_case, struct problem *problem);
void regex_cache_release(struct regex_cache *cache, struct regex *regex);

#endif
