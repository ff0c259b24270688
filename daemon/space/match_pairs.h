/* SPDX-License-Identifier: MIT */
/*
 * Finding the keys of a map matcher in a map, in time linear in both (rules P7, V6).
 */
#ifndef TSD_SPACE_MATCH_PAIRS_H
#define TSD_SPACE_MATCH_PAIRS_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/pattern.h"

/*
 * Whether the map, of `pairs` pairs from p on, has every key of the PAIRS node. Then values[i] is
 * where the value of the key at node + i stands; others are left alone.
 */
bool match_find_keys(const struct pattern *pattern, const struct matcher *node, const uint8_t *p,
                     uint32_t pairs, const uint8_t **values);

#endif
