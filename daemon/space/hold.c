/* SPDX-License-Identifier: MIT */
#include "space/hold.h"

#include <assert.h>

#include "base/must.h"
#include "space/away.h"
#include "space/life.h"
#include "space/state.h"
#include "space/stored.h"

struct hold *hold_new(struct engine *engine)
{
    struct hold *hold = slab_alloc(&engine->slab, sizeof *hold);
    if (hold)
        *hold = (struct hold){.number = 0};
    return hold;
}

void hold_discard(struct engine *engine, struct hold *hold)
{
    slab_free(&engine->slab, hold, sizeof *hold);
}

int hold_reserve(struct engine *engine, uint32_t count)
{
    if (table_reserve(&engine->holds) < 0)
        return -1;
    return heap_reserve(&engine->timers, count);
}

struct token hold_token(uint64_t number, const struct holding *holding)
{
    struct token token = {.number = number};
    if (holding->detached) { /* rule S7: one that nobody guesses; the same for the same command */
        const struct hash_key key = {holding->random[0], holding->random[1]};
        token.secret = hash_bytes(&key, &number, sizeof number);
    }
    return token;
}

void hold_enter(struct engine *engine, struct hold *hold, struct session *session,
                struct space *space, struct stored *tuple, const struct holding *holding)
{
    life_take(engine, space, tuple, LIFE_HELD);
    *hold = (struct hold){.number = ++engine->hold_count,
                          .holder = session->number,
                          .session = holding->detached ? NULL : session,
                          .user = session->user,
                          .tuple = tuple,
                          .space = space};
    hold->secret = hold_token(hold->number, holding).secret;
    LIST_INIT(&hold->claims);
    must(table_insert(&engine->holds, &hold->node, table_number_hash(hold->number)));
    TAILQ_INSERT_TAIL(&space->holds, hold, space_link);
    if (hold->session) {
        TAILQ_INSERT_TAIL(&session->holds, hold, session_link);
        session->held++;
    }
    if (holding->timed)
        must(timer_start(engine, &hold->end, TIMER_HOLD, timer_after(engine, holding->hold_us),
                         hold->number));
}

struct hold *hold_of_number(const struct engine *engine, uint64_t number)
{
    const uint32_t hash = table_number_hash(number);
    struct table_node *node = table_first(&engine->holds, hash);
    for (; node; node = table_next(node, hash)) {
        struct hold *hold = container_of(node, struct hold, node);
        if (hold->number == number)
            return hold;
    }
    return NULL;
}

struct hold *hold_find(const struct engine *engine, const struct session *session,
                       const struct token *token)
{
    struct hold *hold = token->delivery ? NULL : hold_of_number(engine, token->number);
    if (!hold || hold->secret != token->secret || hold->space->gone)
        return NULL;
    const bool may = hold->session ? hold->session == session : hold->user == session->user;
    return may ? hold : NULL;
}

/* Out of everything it is in; who has a claim on it is told after the unit. */
static void unlink(struct engine *engine, struct hold *hold)
{
    struct claim *claim;
    while ((claim = LIST_FIRST(&hold->claims))) {
        LIST_REMOVE(claim, link);
        claim->hold = NULL;
        settle_late(engine, claim->interest);
    }
    away_hold_goes(engine, hold);
    table_remove(&engine->holds, &hold->node);
    TAILQ_REMOVE(&hold->space->holds, hold, space_link);
    if (hold->session) {
        TAILQ_REMOVE(&hold->session->holds, hold, session_link);
        hold->session->held--;
    }
    timer_stop(engine, &hold->end);
    slab_free(&engine->slab, hold, sizeof *hold);
}

void hold_finish(struct engine *engine, struct hold *hold)
{
    struct stored *tuple = hold->tuple;
    struct space *space = hold->space;
    unlink(engine, hold);
    space->kept--;
    life_leave(engine, space, tuple);
}

void hold_give_back(struct engine *engine, struct hold *hold, const struct coming_back *why)
{
    struct stored *tuple = hold->tuple;
    struct space *space = hold->space;
    unlink(engine, hold);
    life_return(engine, space, tuple, why);
}

void hold_renew(struct engine *engine, struct hold *hold, uint64_t microseconds)
{
    timer_stop(engine, &hold->end);
    must(timer_start(engine, &hold->end, TIMER_HOLD, timer_after(engine, microseconds),
                     hold->number));
}
