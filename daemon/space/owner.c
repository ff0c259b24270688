/* SPDX-License-Identifier: MIT */
#include "space/owner.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cold.h"
#include "protocol/command.h"
#include "space/account.h"
#include "space/state.h"
#include "space/stored.h"

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

/* A copy of its groups and, behind them, of what it calls itself. */
static uint32_t *copy_names(const struct command *command)
{
    const size_t groups = command->group_count * sizeof(uint32_t);
    uint32_t *copy = mem_alloc(groups + command->program.size);
    if (!copy)
        return NULL;
    if (groups > 0)
        memcpy(copy, command->groups, groups);
    if (command->program.size > 0)
        memcpy((uint8_t *)copy + groups, command->program.bytes, command->program.size);
    return copy;
}

uint32_t owner_new(struct engine *engine, const struct command *command)
{
    struct owners *owners = &engine->owners;
    uint32_t *copy = copy_names(command);
    const uint32_t place = copy ? new_place(owners) : UINT32_MAX;
    struct account *account =
        place != UINT32_MAX ? account_ref(engine, command->user, command->reserve) : NULL;
    if (!account) {
        mem_free(copy);
        return UINT32_MAX;
    }
    struct owner *owner = &owners->list[place];
    owners->free = owner->next_free;
    *owner = (struct owner){.refs = 1,
                            .account = account,
                            .user = command->user,
                            .pid = command->pid,
                            .administrator = command->administrator,
                            .groups = copy,
                            .group_count = command->group_count,
                            .program = (uint8_t *)(copy + command->group_count),
                            .program_size = command->program.size};
    return place;
}

void owner_ref(struct engine *engine, uint32_t number)
{
    owner_at(&engine->owners, number)->refs++;
}

static COLD void owner_free(struct engine *engine, uint32_t number)
{
    struct owner *owner = owner_at(&engine->owners, number);
    account_unref(engine, owner->account);
    mem_free(owner->groups);
    owner->next_free = engine->owners.free;
    engine->owners.free = number;
}

void owner_unref(struct engine *engine, uint32_t number)
{
    struct owner *owner = owner_at(&engine->owners, number);
    assert(owner->refs > 0);
    if (--owner->refs == 0)
        owner_free(engine, number);
}

void owner_charge(struct engine *engine, const struct stored *tuple)
{
    struct owner *owner = owner_at(&engine->owners, tuple->owner);
    const uint64_t bytes = stored_size(tuple);
    owner->refs++;
    owner->account->used[QUOTA_TUPLES]++;
    owner->account->used[QUOTA_BYTES] += bytes;
    engine->charged_bytes += bytes;
}

void owner_release(struct engine *engine, const struct stored *tuple)
{
    struct account *account = owner_at(&engine->owners, tuple->owner)->account;
    const uint64_t bytes = stored_size(tuple);
    assert(account->used[QUOTA_TUPLES] > 0 && account->used[QUOTA_BYTES] >= bytes);
    account->used[QUOTA_TUPLES]--;
    account->used[QUOTA_BYTES] -= bytes;
    engine->charged_bytes -= bytes;
    owner_unref(engine, tuple->owner);
}
