/* SPDX-License-Identifier: MIT */
/*
 * Who put a tuple (rule S21), and what that one may do: a user, its groups, a process, a program, once
 * for all tuples of a session.
 *
 * Counted: by the session, by each of its tuples that is in a space, which is charged to its user
 * (account.h), and by each space whose dead letters it answers for (rule S32).
 */
#ifndef TSD_SPACE_OWNER_H
#define TSD_SPACE_OWNER_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/request.h"

struct account;
struct command;
struct engine;
struct stored;

struct owner {
    uint64_t refs; /* 0: the place is free */
    struct account *account;
    uint32_t user; /* uid */
    uint32_t pid;
    uint32_t next_free;
    uint32_t group_count, program_size;
    bool administrator;
    uint32_t *groups; /* gids, its primary one first, in one allocation with */
    uint8_t *program; /* what it calls itself */
};

struct owners {
    struct owner *list;
    uint32_t count, capacity;
    uint32_t free; /* UINT32_MAX: none */
};

void owners_deinit(struct owners *owners);

/* Whoever came, a new one with one reference, by its number; UINT32_MAX without memory. */
uint32_t owner_new(struct engine *engine, const struct command *command);
void owner_ref(struct engine *engine, uint32_t owner);
void owner_unref(struct engine *engine, uint32_t owner);

/* A tuple of its own comes into a space, and is out of it for good. */
void owner_charge(struct engine *engine, const struct stored *tuple);
void owner_release(struct engine *engine, const struct stored *tuple);

static inline struct owner *owner_at(const struct owners *owners, uint32_t number)
{
    return &owners->list[number];
}

#endif
