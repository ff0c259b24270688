/* SPDX-License-Identifier: MIT */
#include "space/owner.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "space/state.h"

void owners_deinit(struct owners *owners)
{
    for (uint32_t i = 0; i < owners->count; i++)
        assert(owners->list[i].refs == 0);
    mem_free(owners->list);
}

static uint32_t new_place(struct owners *owners)
{
    if (owners->free != UINT32_MAX)
        return owners->free;
    if (owners->count == owners->capacity) {
        const uint32_t capacity = owners->capacity ? 2 * owners->capacity : 16;
        struct owner *list = mem_realloc_array(owners->list, capacity, sizeof *list);
        if (!list)
            return UINT32_MAX;
        owners->list = list;
        owners->capacity = capacity;
    }
    owners->list[owners->count] = (struct owner){.next_free = UINT32_MAX};
    owners->free = owners->count;
    return owners->count++;
}

uint32_t owner_new(struct engine *engine, uint32_t user, uint32_t pid, const struct span *program)
{
    struct owners *owners = &engine->owners;
    uint8_t *copy = mem_alloc(program->size);
    const uint32_t place = copy ? new_place(owners) : UINT32_MAX;
    if (place == UINT32_MAX) {
        mem_free(copy);
        return UINT32_MAX;
    }
    struct owner *owner = &owners->list[place];
    owners->free = owner->next_free;
    if (program->size > 0)
        memcpy(copy, program->bytes, program->size);
    *owner = (struct owner){
        .refs = 1, .user = user, .pid = pid, .program = copy, .program_size = program->size};
    return place;
}

void owner_unref(struct engine *engine, uint32_t number)
{
    struct owner *owner = &engine->owners.list[number];
    assert(owner->refs > 0);
    if (--owner->refs > 0)
        return;
    mem_free(owner->program);
    owner->next_free = engine->owners.free;
    engine->owners.free = number;
}
