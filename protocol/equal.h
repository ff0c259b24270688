/* SPDX-License-Identifier: MIT */
/*
 * Equality, order and hash of values, in one place so that they agree (rules V3 to V6).
 *
 * All take values that value_check has passed. Pure and reentrant. scalar.h has what they say of
 * scalars, keys.h how the keys of large maps are told apart in linear time.
 */
#ifndef TSD_PROTOCOL_EQUAL_H
#define TSD_PROTOCOL_EQUAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/siphash.h"

/* Whether the values at a and b are equal by value (rule V3). NaN equals nothing. */
bool value_equal(const uint8_t *a, const uint8_t *b);

enum order { ORDER_LESS = -1, ORDER_EQUAL = 0, ORDER_GREATER = 1, ORDER_NONE = 2 };

/* How a compares to b within numbers, strs or bins; ORDER_NONE for every other pair (rule V5). */
enum order value_compare(const uint8_t *a, const uint8_t *b);

/* SipHash-1-3 over a canonical form of the value: equal values hash alike (rule V4). */
uint64_t value_hash(const struct hash_key *key, const uint8_t *value);

#endif
