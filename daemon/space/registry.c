/* SPDX-License-Identifier: MIT */
/*
 * The engine's spaces by name: found, made on first use, gone when nothing is left (rule S31).
 */
#include <string.h>

#include "base/cold.h"
#include "space/gone.h"
#include "space/hide.h"
#include "space/state.h"

/*
 * Spaces without anything that are kept for their memory: a queue that runs empty and full again
 * should not make its space anew each time. Nobody can tell them from spaces that are not there.
 */
#define IDLE_SPACES 64

static uint32_t name_hash(const struct engine *engine, const struct span *name)
{
    return (uint32_t)hash_bytes(&engine->options.key, name->bytes, name->size);
}

static bool has_name(const struct space *space, const struct span *name)
{
    return space->name_size == name->size && memcmp(space->name, name->bytes, name->size) == 0;
}

/* The compiler is not to know that nothing comes of it. */
static void compare_with_itself(const struct span *name)
{
    const uint8_t *bytes = name->bytes;
    __asm__ volatile("" : "+r"(bytes));
    const int order = memcmp(bytes, name->bytes, name->size);
    __asm__ volatile("" : : "r"(order));
}

/* One that is not there costs what one that is there and hidden does, but for a few nanoseconds (rule
 * S31). */
struct space *engine_look_up_space(const struct engine *engine, const struct span *name)
{
    const uint32_t hash = name_hash(engine, name);
    struct table_node *node = table_first(&engine->spaces, hash);
    for (; node; node = table_next(node, hash)) {
        struct space *space = container_of(node, struct space, node);
        if (has_name(space, name))
            return space;
    }
    compare_with_itself(name);
    return NULL;
}

struct space *engine_find_space(struct engine *engine, const struct span *name)
{
    struct space *space = engine_asked(engine, name);
    if (space)
        return space;
    /* Most requests name the space that the one before them named. */
    if (engine->last_space && has_name(engine->last_space, name))
        return engine->last_space;
    space = engine_look_up_space(engine, name);
    if (space)
        engine->last_space = space;
    return space;
}

static void not_idle(struct engine *engine, struct space *space)
{
    if (!space->idle)
        return;
    TAILQ_REMOVE(&engine->idle_spaces, space, idle_link);
    engine->idle_count--;
    space->idle = false;
}

struct space *engine_make_space_of(struct engine *engine, const struct span *name,
                                   const struct access *access, struct account *account)
{
    struct space *space = engine_find_space(engine, name);
    if (!space) {
        space = space_new(name);
        if (!space)
            return NULL;
        if (table_insert(&engine->spaces, &space->node, name_hash(engine, name)) < 0) {
            space_free(engine, space);
            return NULL;
        }
    }
    not_idle(engine, space);
    space->access = *access;
    account_release(engine, &space->charge);
    account_charge(engine, &space->charge, account, QUOTA_SPACES, 1);
    return space;
}

static COLD struct space *make_own(struct engine *engine, const struct span *name, uint32_t number)
{
    const struct owner *owner = owner_at(&engine->owners, number);
    const struct access access = access_of_new(engine, name, owner);
    struct space *space = engine_make_space_of(engine, name, &access, owner->account);
    if (space && space->working > 0)
        interests_hide(engine, space);
    return space;
}

struct space *engine_make_space(struct engine *engine, const struct span *name, uint32_t owner)
{
    struct space *space = engine_find_space(engine, name);
    return space && space_listed(space) ? space : make_own(engine, name, owner);
}

void engine_forget_space(struct engine *engine, struct space *space)
{
    not_idle(engine, space);
    account_release(engine, &space->charge);
    if (engine->last_space == space)
        engine->last_space = NULL;
    if (engine->asked.space == space)
        engine->asked.space = NULL;
    table_remove(&engine->spaces, &space->node);
}

void engine_space_left(struct engine *engine, struct space *space)
{
    if (space->gone) {
        gone_left(engine, space);
        return;
    }
    if (space->idle || !space_empty(space))
        return;
    settle_room_not(engine, space);
    account_release(engine, &space->charge);
    space->idle = true;
    TAILQ_INSERT_TAIL(&engine->idle_spaces, space, idle_link);
    engine->idle_count++;
}

static void forget_oldest(struct engine *engine)
{
    struct space *oldest = TAILQ_FIRST(&engine->idle_spaces);
    engine_forget_space(engine, oldest);
    space_free(engine, oldest);
}

void engine_forget_idle(struct engine *engine)
{
    while (engine->idle_count > IDLE_SPACES)
        forget_oldest(engine);
    gone_free(engine);
}
