/* SPDX-License-Identifier: MIT */
/*
 * Who put a tuple (rule S21): a user, a process, a program, once for all tuples of a session.
 *
 * Counted: by the session and by each of its tuples that is in a space.
 */
#ifndef TSD_SPACE_OWNER_H
#define TSD_SPACE_OWNER_H

#include <stdint.h>

#include "protocol/request.h"

struct engine;

struct owner {
    uint64_t refs; /* 0: the place is free */
    uint32_t user; /* uid */
    uint32_t pid;
    uint32_t next_free;
    uint32_t program_size;
    uint8_t *program;
};

struct owners {
    struct owner *list;
    uint32_t count, capacity;
    uint32_t free; /* UINT32_MAX: none */
};

void owners_deinit(struct owners *owners);

/* A new one with one reference, by its number; UINT32_MAX without memory. */
uint32_t owner_new(struct engine *engine, uint32_t user, uint32_t pid, const struct span *program);
void owner_unref(struct engine *engine, uint32_t owner);

#endif
