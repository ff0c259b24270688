/* SPDX-License-Identifier: MIT */
#include "space/unit.h"

#include <assert.h>
#include <string.h>

#include "base/must.h"
#include "space/answer.h"
#include "space/key.h"
#include "space/state.h"
#include "space/stored.h"

void unit_name(const struct unit *unit, bool named)
{
    for (uint32_t i = 0; i < unit->claim_count; i++)
        if (unit->claims[i].hold)
            unit->claims[i].hold->named = named;
}

int unit_claim_one(struct engine *engine, const struct session *session, struct unit *unit,
                   const struct token *token)
{
    struct hold *hold = hold_find(engine, session, token);
    if (!hold || hold->named)
        return 1;
    if (unit->claim_count == engine->claims_capacity) {
        const uint32_t capacity = engine->claims_capacity ? 2 * engine->claims_capacity : 16;
        struct claim *claims = mem_realloc_array(engine->claims, capacity, sizeof *claims);
        if (!claims)
            return -1;
        engine->claims = claims;
        engine->claims_capacity = capacity;
    }
    unit->claims = engine->claims;
    unit->claims[unit->claim_count++] = (struct claim){.hold = hold};
    hold->named = true;
    return 0;
}

int unit_claim(struct engine *engine, const struct session *session, struct unit *unit,
               const struct span *tokens, uint32_t count)
{
    const uint8_t *at = tokens->bytes;
    for (uint32_t i = 0; i < count; i++) {
        const struct token token = token_next(&at);
        const int result = unit_claim_one(engine, session, unit, &token);
        if (result != 0)
            return result;
    }
    return 0;
}

static int needs_of_body(struct engine *engine, const struct unit *unit)
{
    const uint8_t *at = unit->body.bytes;
    for (uint32_t i = 0; i < unit->body_count; i++) {
        const struct step step = step_next(&at, &unit->space);
        if (step.kind != TSD_STEP_OUT || step.putting.pulse)
            continue;
        struct space *space = engine_find_space(engine, &step.space);
        if (space && needs_add(&engine->needs, space, 1) < 0)
            return -1;
    }
    return 0;
}

int unit_needs(struct engine *engine, const struct unit *unit, const struct query *query)
{
    struct needs *needs = &engine->needs;
    int result = 0;
    needs_clear(needs);
    for (uint32_t i = 0; i < unit->puts.count; i++)
        if (!(unit->puts.list[i].tuple->flags & STORED_PULSE))
            result |= needs_add(needs, unit->puts.list[i].space, 1);
    for (uint32_t i = 0; i < unit->claim_count; i++) {
        const struct hold *hold = unit->claims[i].hold;
        if (!(hold->tuple->flags & STORED_PULSE))
            result |= needs_add(needs, hold->space, -1);
    }
    result |= needs_of_body(engine, unit);
    for (uint32_t i = 0; unit->body_count > 0 && i < query->part_count; i++)
        if (unit->guards[i].kind == TSD_GUARD_IN && query->parts[i].space)
            result |= needs_add(needs, query->parts[i].space, -1); /* finally taken (rule S23) */
    return result;
}

void unit_finish_holds(struct engine *engine, struct unit *unit)
{
    for (uint32_t i = 0; i < unit->claim_count; i++) {
        struct claim *claim = &unit->claims[i];
        struct hold *hold = claim->hold;
        if (claim->interest) /* its own claim makes nobody late */
            LIST_REMOVE(claim, link);
        claim->hold = NULL;
        hold_finish(engine, hold);
    }
}

int unit_do(struct engine *engine, const struct asker *asker, struct unit *unit, struct key *key)
{
    const uint32_t count = unit->puts.count;
    if (puts_place(engine, &unit->puts) < 0)
        return -1;
    unit_finish_holds(engine, unit);
    puts_show(engine, &unit->puts);
    answer(engine, asker, engine->unit_at, TS_OK)->value = count > 0 ? engine->unit_at : 0;
    if (key)
        key_done(engine, key, count > 0 ? engine->unit_at : 0);
    return 0;
}

#define ALIGN 8
static size_t aligned(size_t size)
{
    return (size + ALIGN - 1) / ALIGN * ALIGN;
}

static size_t size_of(const struct unit *unit, uint32_t guards)
{
    return aligned(sizeof *unit) + unit->claim_count * sizeof(struct claim) +
           aligned(guards * sizeof(struct guard)) + unit->space.size + unit->body.size;
}

static void *copy_bytes(uint8_t **at, const void *bytes, size_t size)
{
    void *copy = *at;
    if (size > 0)
        memcpy(copy, bytes, size);
    *at += size;
    return copy;
}

/* Lays out claims, guards, name and body behind the unit, in its one allocation. */
static void lay_out(struct unit *copy, struct interest *interest, const struct unit *unit,
                    uint32_t guards)
{
    uint8_t *at = (uint8_t *)copy + aligned(sizeof *copy);
    copy->claims = copy_bytes(&at, unit->claims, unit->claim_count * sizeof(struct claim));
    if (guards > 0)
        copy->guards = copy_bytes(&at, unit->guards, guards * sizeof(struct guard));
    at += aligned(guards * sizeof(struct guard)) - guards * sizeof(struct guard);
    copy->space.bytes = copy_bytes(&at, unit->space.bytes, unit->space.size);
    copy->body.bytes = copy_bytes(&at, unit->body.bytes, unit->body.size);
    for (uint32_t i = 0; i < copy->claim_count; i++) {
        struct claim *claim = &copy->claims[i];
        claim->interest = interest;
        LIST_INSERT_HEAD(&claim->hold->claims, claim, link);
    }
}

/* Which of its spaces a waiting unit names: the one by default, those that its steps put into. */
enum naming { BY_DEFAULT, BY_STEP };

/* Calls `each` with every one of them, as often as it is named; until it returns other than 0. */
static int each_space(struct engine *engine, const struct unit *unit, uint32_t owner,
                      int (*each)(struct engine *, const struct span *, enum naming, uint32_t))
{
    const uint8_t *at = unit->body.bytes;
    int result = 0;
    if (!unit->guards || !unit->once) /* rule S31 */
        result = each(engine, &unit->space, unit->guards ? BY_DEFAULT : BY_STEP, owner);
    for (uint32_t i = 0; i < unit->body_count && result == 0; i++) {
        const struct step step = step_next(&at, &unit->space);
        if (step.kind == TSD_STEP_OUT)
            result = each(engine, &step.space, BY_STEP, owner);
    }
    return result;
}

static int make_space(struct engine *engine, const struct span *name, enum naming naming,
                      uint32_t owner)
{
    (void)naming;
    return engine_make_space(engine, name, owner) ? 0 : -1;
}

static int leave_space(struct engine *engine, const struct span *name, enum naming naming,
                       uint32_t owner)
{
    struct space *space = engine_find_space(engine, name);
    (void)naming;
    (void)owner;
    if (space)
        engine_space_left(engine, space);
    return 0;
}

static uint64_t *count_of(struct space *space, enum naming naming)
{
    return naming == BY_STEP ? &space->waiting : &space->named;
}

static int pin_space(struct engine *engine, const struct span *name, enum naming naming,
                     uint32_t owner)
{
    (void)owner;
    ++*count_of(engine_find_space(engine, name), naming);
    return 0;
}

static int unpin_space(struct engine *engine, const struct span *name, enum naming naming,
                       uint32_t owner)
{
    --*count_of(engine_find_space(engine, name), naming);
    return leave_space(engine, name, naming, owner);
}

struct unit *unit_keep(struct engine *engine, struct interest *interest, struct unit *unit)
{
    const uint32_t guards = unit->guards ? interest->query.part_count : 0;
    const size_t size = size_of(unit, guards);
    const uint32_t owner = interest->session->owner;
    struct unit *copy = slab_alloc(&engine->slab, size);
    unit->once = interest->once;
    if (!copy || each_space(engine, unit, owner, make_space) < 0) {
        each_space(engine, unit, owner, leave_space);
        slab_free(&engine->slab, copy, size);
        return NULL;
    }
    *copy = *unit;
    copy->bytes = (uint32_t)size;
    lay_out(copy, interest, unit, guards);
    each_space(engine, copy, owner, pin_space);
    if (unit->puts.count > 0)
        puts_init(&unit->puts); /* the list went with them */
    else
        puts_init(&copy->puts);
    return copy;
}

void unit_free(struct engine *engine, struct unit *unit)
{
    if (!unit)
        return;
    assert(!unit->lines);
    for (uint32_t i = 0; i < unit->claim_count; i++)
        if (unit->claims[i].hold)
            LIST_REMOVE(&unit->claims[i], link);
    puts_deinit(engine, &unit->puts);
    each_space(engine, unit, UINT32_MAX, unpin_space);
    slab_free(&engine->slab, unit, unit->bytes);
}

bool unit_puts_into(const struct unit *unit, const struct span *space)
{
    const uint8_t *at = unit->body.bytes;
    if (!unit->guards && span_equal(&unit->space, space)) /* out, finish */
        return true;
    for (uint32_t i = 0; i < unit->body_count; i++) {
        const struct step step = step_next(&at, &unit->space);
        if (step.kind == TSD_STEP_OUT && span_equal(&step.space, space))
            return true;
    }
    return false;
}

bool unit_names(const struct unit *unit, const struct span *space)
{
    return (!unit->once && span_equal(&unit->space, space)) || unit_puts_into(unit, space);
}
