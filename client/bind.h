/* SPDX-License-Identifier: MIT */
/*
 * Formals: what a pattern's pointers are set to from a tuple that matches it.
 */
#ifndef TSCLIENT_BIND_H
#define TSCLIENT_BIND_H

#include <stddef.h>
#include <stdint.h>

#include <tsclient.h>

#include "client/arena.h"

/*
 * Sets the formals from a checked tuple; strs ended by NUL are copied into the arena, the rest points
 * into the tuple. Returns 0; TS_INVALID where a formal does not fit its field, which a tuple that
 * matches cannot have; TS_NO_MEMORY.
 */
ts_status bind_tuple(const ts_values *pattern, const uint8_t *tuple, struct arena *texts);

/* The same for one formal and the field at p. `texts` is used for TS_KIND_TO_TEXT only. */
ts_status bind_field(const ts_value *formal, const uint8_t *p, struct arena *texts);

#endif
