/* SPDX-License-Identifier: MIT */
/*
 * A tuple in the engine's keeping: one allocation, a header and the bytes as they came.
 *
 * Counted: the engine has one reference while the tuple is in a space or kept by a session, an
 * effect has one, and so has an outbox that still writes a large one. Its life is a state and the
 * moves that are allowed from it, asserted at each move.
 */
#ifndef TSD_SPACE_STORED_H
#define TSD_SPACE_STORED_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slab.h"
#include "base/table.h"
#include "protocol/request.h"
#include "protocol/tuple.h"

/*
 * A tuple's life: X(STATE, the states it may come from as LIFE_ bits)
 * NEW is what a put makes; STORED is seen by all, also in another space to which it moves; DELAYED
 * will be; DELIVERED is taken and not yet acknowledged, HELD until it is finished or released; GONE is
 * final, the bytes live on while somebody still writes them.
 */
#define LIFE_STATES(X)                                                                             \
    X(NEW, 0)                                                                                      \
    X(STORED,                                                                                      \
      LIFE_BIT(NEW) | LIFE_BIT(DELAYED) | LIFE_BIT(DELIVERED) | LIFE_BIT(HELD) | LIFE_BIT(STORED)) \
    X(DELAYED, LIFE_BIT(NEW) | LIFE_BIT(DELIVERED) | LIFE_BIT(HELD))                               \
    X(DELIVERED, LIFE_BIT(STORED))                                                                 \
    X(HELD, LIFE_BIT(STORED))                                                                      \
    X(GONE,                                                                                        \
      LIFE_BIT(NEW) | LIFE_BIT(STORED) | LIFE_BIT(DELAYED) | LIFE_BIT(DELIVERED) | LIFE_BIT(HELD))

#define LIFE_ENUM(state, from) LIFE_##state,
enum life { LIFE_STATES(LIFE_ENUM) };
#undef LIFE_ENUM
#define LIFE_BIT(state) (1u << LIFE_##state)

/* What few tuples are; those that none of it concerns are put, taken and consumed without a look. */
enum stored_flag {
    STORED_ATTRIBUTES = 1, /* it has some: attributes.h */
    STORED_WITNESS = 2,    /* somebody waits until it is gone: absence.h */
    STORED_PULSE = 4,      /* rule S27 */
    STORED_DOOMED = 8,     /* what it was bound to has ended: it does not come back (rule S13) */
    STORED_NAMED = 16,     /* by the request that is being looked at */
    STORED_CHOSEN = 32,    /* an atomic that waits for room would take or read it: room.h */
};

/* There are millions: nothing in it is padded, and what its bytes tell is not told again. */
struct stored {
    uint64_t key;           /* its place: priority and id */
    struct table_node node; /* the entry of its first field's index; its rest: stored_size */
    uint32_t flags : 6;     /* enum stored_flag */
    uint32_t life : 3;      /* enum life */
    uint32_t refs : 23;     /* stored_ref */
    uint32_t owner;         /* who put it: owner.h */
    uint32_t put_ds;        /* when, in tenths of a second */
    uint8_t bytes[];
};
_Static_assert(offsetof(struct stored, bytes) == 36, "a header without padding");

#define STORED_REFS (((uint32_t)1 << 23) - 1) /* at most */

/* NULL without memory. One reference, LIFE_NEW, priority 0, id 0. */
struct stored *stored_new(struct slab *slab, const struct tuple_view *view);
void stored_unref(struct slab *slab, struct stored *tuple);

static inline struct stored *stored_ref(struct stored *tuple)
{
    assert(tuple->refs < STORED_REFS);
    tuple->refs++;
    return tuple;
}

/* Bytes, head included: at most LIMIT_TUPLE_BYTES. */
static inline uint32_t stored_size(const struct stored *tuple)
{
    return tuple->node.rest;
}
static inline void stored_set_size(struct stored *tuple, uint32_t size)
{
    assert(size < (uint32_t)1 << 30);
    tuple->node.rest = size;
}

/* How many, as the array's head tells: there are at most 255 (rule V1). */
static inline uint32_t stored_fields(const struct stored *tuple)
{
    const uint8_t head = tuple->bytes[0];
    if (head >> 4 == 9) /* a fixarray */
        return head & 15;
    return tuple->bytes[head == 0xdc ? 2 : 4]; /* an array of 16 or 32 bits, big-endian */
}
static inline struct tuple_view stored_view(const struct stored *tuple)
{
    return (struct tuple_view){tuple->bytes, stored_size(tuple), stored_fields(tuple)};
}

void stored_move(struct stored *tuple, enum life to); /* asserts that the move is allowed */

/*
 * A place as one number: smaller is better placed (rule S6). Ids stay below 2^56, which a daemon that
 * put ten million tuples a second would reach in two centuries.
 */
#define PLACE_ID_BITS 56
uint64_t place_key(int8_t priority, uint64_t id);
struct place place_of_key(uint64_t key);
static inline uint64_t stored_key(const struct stored *tuple)
{
    return tuple->key;
}
static inline uint64_t stored_id(const struct stored *tuple)
{
    return tuple->key & ((UINT64_C(1) << PLACE_ID_BITS) - 1);
}
static inline int8_t stored_priority(const struct stored *tuple)
{
    return (int8_t)(127 - (int)(tuple->key >> PLACE_ID_BITS));
}
/* Only while it stands in no order. */
static inline void stored_set_id(struct stored *tuple, uint64_t id)
{
    tuple->key = tuple->key >> PLACE_ID_BITS << PLACE_ID_BITS | id;
}
static inline void stored_set_priority(struct stored *tuple, int8_t priority)
{
    tuple->key = (uint64_t)(127 - priority) << PLACE_ID_BITS | stored_id(tuple);
}

#endif
