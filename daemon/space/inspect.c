/* SPDX-License-Identifier: MIT */
/*
 * Looking at an engine from outside, for tests: one number for its whole state, and its invariants.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "space/engine.h"
#include "space/state.h"
#include "space/stored.h"

/* Chained SipHash under a key of its own: the engine's own key must not show. */
struct digest {
    struct hash_key key;
};

static void digest_bytes(struct digest *digest, const void *bytes, size_t size)
{
    const uint64_t hash = hash_bytes(&digest->key, bytes, size);
    digest->key.k0 ^= hash;
    digest->key.k1 += hash << 1 | hash >> 63;
}

static void digest_number(struct digest *digest, uint64_t number)
{
    digest_bytes(digest, &number, sizeof number);
}

static void digest_tuple(struct digest *digest, const struct stored *tuple)
{
    digest_number(digest, stored_key(tuple));
    digest_number(digest, (uint64_t)tuple->returns << 32 | tuple->user);
    digest_bytes(digest, tuple->bytes, tuple->size);
}

static int by_name(const void *a, const void *b)
{
    const struct span one = space_name(*(const struct space *const *)a);
    const struct span other = space_name(*(const struct space *const *)b);
    return space_compare_names(&one, &other);
}

static int by_number(const void *a, const void *b)
{
    const struct session *one = *(const struct session *const *)a;
    const struct session *other = *(const struct session *const *)b;
    return (one->number > other->number) - (one->number < other->number);
}

/* The nodes of a table as an array; the order is for the caller to make. */
static void **nodes_of(const struct table *table, size_t offset)
{
    void **list = mem_alloc(table_count(table) * sizeof *list);
    must(list ? 0 : -1);
    size_t count = 0;
    struct table_node *node = NULL;
    while ((node = table_walk(table, node)))
        list[count++] = (char *)node - offset;
    return list;
}

static void digest_space(struct digest *digest, const struct space *space)
{
    if (space_empty(space))
        return;
    digest_bytes(digest, space->name, space->name_size);
    for (uint32_t i = 0; i < space->length_count; i++) {
        const struct places *all = &space->lengths[i].all;
        for (struct places_cursor at = places_seek(all, 0); places_at(&at); places_next(&at))
            digest_tuple(digest, places_at(&at));
    }
}

static void digest_session(struct digest *digest, const struct session *session)
{
    digest_number(digest, session->number);
    digest_number(digest, session->delivered);
    for (const struct interest *interest = TAILQ_FIRST(&session->interests); interest;
         interest = TAILQ_NEXT(interest, session_link)) {
        digest_number(digest, interest->number);
        digest_number(digest, interest->since);
        digest_number(digest, interest->deadline_ns);
    }
    for (uint32_t i = 0; i < session->kept_count; i++) {
        digest_number(digest, session_kept(session, i)->delivery);
        digest_tuple(digest, session_kept(session, i)->tuple);
    }
}

uint64_t engine_state_hash(const struct engine *engine)
{
    struct digest digest = {{0, 0}};
    digest_number(&digest, engine->position);
    const size_t spaces = table_count(&engine->spaces);
    void **list = nodes_of(&engine->spaces, offsetof(struct space, node));
    qsort(list, spaces, sizeof *list, by_name);
    for (size_t i = 0; i < spaces; i++)
        digest_space(&digest, list[i]);
    mem_free(list);
    const size_t sessions = table_count(&engine->sessions);
    list = nodes_of(&engine->sessions, offsetof(struct session, node));
    qsort(list, sessions, sizeof *list, by_number);
    for (size_t i = 0; i < sessions; i++)
        digest_session(&digest, list[i]);
    mem_free(list);
    return digest.key.k0 ^ digest.key.k1;
}

/* Returns how many tuples of a space the session keeps. */
static uint64_t check_session(const struct engine *engine, const struct session *session)
{
    uint64_t waiting = 0, last = 0;
    for (const struct interest *interest = TAILQ_FIRST(&session->interests); interest;
         interest = TAILQ_NEXT(interest, session_link)) {
        assert(interest->session == session && !interest->served);
        assert(interest->linked != interest->working);
        assert(interest_find(engine, session, interest->number) == interest);
        assert((interest->deadline_ns != UINT64_MAX) == heap_contains(&interest->timer));
        waiting++;
    }
    assert(waiting == session->waiting);
    for (uint32_t i = 0; i < session->kept_count; i++) {
        const struct kept *kept = session_kept(session, i);
        assert(kept->delivery >= last && kept->tuple->life == LIFE_KEPT);
        last = kept->delivery;
    }
    assert(last <= session->delivered);
    return session->kept_count;
}

void engine_check(const struct engine *engine)
{
    uint64_t interests = 0, kept = 0;
    struct table_node *node = NULL;
    assert(engine->settle.fresh_count == 0 && engine->settle.chain_count == 0);
    while ((node = table_walk(&engine->sessions, node))) {
        const struct session *session = container_of(node, struct session, node);
        kept += check_session(engine, session);
        interests += session->waiting;
    }
    assert(interests == table_count(&engine->interests));
    while ((node = table_walk(&engine->spaces, node))) {
        const struct space *space = container_of(node, struct space, node);
        space_check(space);
        assert(space->idle == space_empty(space));
        kept -= space->kept;
    }
    assert(kept == 0);
}
