/* SPDX-License-Identifier: MIT */
#include "space/key.h"

#include <string.h>

#include "base/must.h"
#include "space/interest.h"
#include "space/state.h"

static uint32_t key_hash(const struct engine *engine, uint32_t user, const struct space *space,
                         const void *bytes, uint32_t size)
{
    const uint64_t parts[2] = {user, space->node.hash};
    return (uint32_t)(hash_bytes(&engine->options.key, parts, sizeof parts) * 31 +
                      hash_bytes(&engine->options.key, bytes, size));
}

static uint32_t hash_of(const struct engine *engine, const struct key *key)
{
    return key_hash(engine, key->user, key->space, key->bytes, key->size);
}

static bool same(const struct key *key, uint32_t user, const struct space *space, const void *bytes,
                 uint32_t size)
{
    return key->user == user && key->space == space && key->size == size &&
           memcmp(key->bytes, bytes, size) == 0;
}

struct key *key_find(const struct engine *engine, const struct session *session,
                     const struct request *request)
{
    if (!(request->has & TSD_HAS(KEY)))
        return NULL;
    const struct span *text = &request->key;
    struct space *space = engine_find_space((struct engine *)engine, &request->space);
    if (!space)
        return NULL;
    const uint32_t hash = key_hash(engine, session->user, space, text->bytes, text->size);
    struct table_node *node = table_first(&engine->keys, hash);
    for (; node; node = table_next(node, hash)) {
        struct key *key = container_of(node, struct key, node);
        if (same(key, session->user, space, text->bytes, text->size))
            return key;
    }
    return NULL;
}

/* What can refuse: the limit, and memory for it all, now and when it is done. */
struct key *key_new(struct engine *engine, const struct session *session,
                    const struct request *request, struct problem *problem)
{
    struct account *account = session_account(engine, session);
    const struct span *text = &request->key;
    struct space *space = NULL;
    struct key *key = NULL;
    struct key_group *group = NULL;
    if (account_check(engine, account, QUOTA_KEYS, 1, problem) < 0)
        return NULL;
    if (table_reserve(&engine->keys) == 0 && table_reserve(&engine->waiting_keys) == 0 &&
        heap_reserve(&engine->timers, 1) == 0 && (key = mem_alloc(sizeof *key + text->size)) &&
        (group = mem_alloc(sizeof *group)))
        space = engine_make_space(engine, &request->space, session->owner);
    if (!space) {
        mem_free(group);
        mem_free(key);
        problem_set(problem, TS_NO_MEMORY, 0, "no memory for the key: nothing was done");
        return NULL;
    }
    TAILQ_INIT(&group->keys);
    *key = (struct key){.group = group,
                        .user = session->user,
                        .space = space,
                        .window_us = request->window_us,
                        .size = text->size};
    memcpy(key->bytes, text->bytes, text->size);
    TAILQ_INSERT_TAIL(&space->keys, key, space_link);
    account_charge(engine, &key->charge, account, QUOTA_KEYS, 1);
    return key;
}

/* Out of its group; the last one frees it. */
static void leave_group(struct engine *engine, struct key *key)
{
    struct key_group *group = key->group;
    key->group = NULL;
    if (key->interest) {
        key->interest = NULL;
        TAILQ_REMOVE(&group->keys, key, group_link);
        if (!TAILQ_EMPTY(&group->keys))
            return;
        table_remove(&engine->waiting_keys, &group->node);
    }
    mem_free(group);
}

void key_free(struct engine *engine, struct key *key)
{
    if (!key)
        return;
    account_release(engine, &key->charge);
    if (key->done)
        table_remove(&engine->keys, &key->node);
    else
        leave_group(engine, key);
    timer_stop(engine, &key->end);
    TAILQ_REMOVE(&key->space->keys, key, space_link);
    engine_space_left(engine, key->space);
    mem_free(key);
}

/* The group of equal keys that wait; NULL: none does. */
static struct key_group *group_find(const struct engine *engine, const struct key *key,
                                    uint32_t hash)
{
    struct table_node *node = table_first(&engine->waiting_keys, hash);
    for (; node; node = table_next(node, hash)) {
        struct key_group *group = container_of(node, struct key_group, node);
        if (same(TAILQ_FIRST(&group->keys), key->user, key->space, key->bytes, key->size))
            return group;
    }
    return NULL;
}

void key_wait(struct engine *engine, struct key *key, struct interest *interest)
{
    const uint32_t hash = hash_of(engine, key);
    struct key_group *group = group_find(engine, key, hash);
    if (group) {
        mem_free(key->group);
        key->group = group;
    } else {
        must(table_insert(&engine->waiting_keys, &key->group->node, hash));
    }
    key->interest = interest;
    TAILQ_INSERT_TAIL(&key->group->keys, key, group_link);
}

void key_done(struct engine *engine, struct key *key, uint64_t first)
{
    const uint32_t hash = hash_of(engine, key);
    if (key->interest)
        key->interest->key = NULL;
    leave_group(engine, key);
    const struct key_group *group = group_find(engine, key, hash);
    const struct key *other;
    if (group)
        TAILQ_FOREACH (other, &group->keys, group_link)
            settle_repeated(engine, other->interest, first);
    key->done = true;
    key->first = first;
    must(table_insert(&engine->keys, &key->node, hash));
    must(timer_start(engine, &key->end, TIMER_KEY, timer_after(engine, key->window_us), first));
}

void keys_move(struct engine *engine, struct space *space, const struct span *name)
{
    struct space *to = must_have(engine_make_space_of(engine, name, &space->access,
                                                      TAILQ_FIRST(&space->keys)->charge.account));
    struct key *key;
    TAILQ_FOREACH (key, &space->keys, space_link)
        key->space = to;
    TAILQ_CONCAT(&to->keys, &space->keys, space_link);
}

void keys_forget(struct engine *engine, struct space *space)
{
    struct key *key, *next;
    for (key = TAILQ_FIRST(&space->keys); key; key = next) {
        next = TAILQ_NEXT(key, space_link);
        if (key->done) /* the others belong to requests that wait */
            key_free(engine, key);
    }
}
