/* SPDX-License-Identifier: MIT */
#include "space/stored.h"

#include <assert.h>
#include <string.h>

/* The states that each may come from. */
static const unsigned allowed[] = {
#define LIFE_ROW(state, from) [LIFE_##state] = (from),
    LIFE_STATES(LIFE_ROW)
#undef LIFE_ROW
};

static size_t allocation_size(uint32_t bytes)
{
    const size_t size = offsetof(struct stored, bytes) + bytes;
    return size > sizeof(struct stored)
               ? size
               : sizeof(struct stored); /* the bytes begin in its padding */
}

struct stored *stored_new(struct slab *slab, const struct tuple_view *view)
{
    struct stored *tuple = slab_alloc(slab, allocation_size(view->size));
    if (!tuple)
        return NULL;
    *tuple = (struct stored){.key = (uint64_t)127 << PLACE_ID_BITS,
                             .node.rest = view->size,
                             .refs = 1,
                             .life = LIFE_NEW};
    memcpy(tuple->bytes, view->bytes, view->size);
    return tuple;
}

void stored_unref(struct slab *slab, struct stored *tuple)
{
    assert(tuple->refs > 0);
    if (tuple->refs > 1) {
        tuple->refs--;
        return;
    }
    assert(tuple->life == LIFE_NEW || tuple->life == LIFE_GONE);
    slab_free(slab, tuple, allocation_size(stored_size(tuple)));
}

void stored_move(struct stored *tuple, enum life to)
{
    assert(allowed[to] & 1u << tuple->life);
    tuple->life = to & 7;
}

uint64_t place_key(int8_t priority, uint64_t id)
{
    const uint64_t most = (UINT64_C(1) << PLACE_ID_BITS) - 1;
    return (uint64_t)(127 - priority) << PLACE_ID_BITS | (id < most ? id : most);
}

struct place place_of_key(uint64_t key)
{
    return (struct place){.priority = (int8_t)(127 - (int)(key >> PLACE_ID_BITS)),
                          .id = key & ((UINT64_C(1) << PLACE_ID_BITS) - 1)};
}
