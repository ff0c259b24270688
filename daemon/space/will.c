/* SPDX-License-Identifier: MIT */
#include "space/will.h"

#include <string.h>

#include "base/must.h"
#include "protocol/tuple.h"
#include "space/put.h"
#include "space/state.h"

static struct will *will_find(struct session *session, const struct span *space)
{
    struct will *will;
    TAILQ_FOREACH (will, &session->wills, link)
        if (will->name_size == space->size && memcmp(will->bytes, space->bytes, space->size) == 0)
            return will;
    return NULL;
}

static struct will *will_new(const struct request *request)
{
    struct will *will = mem_alloc(sizeof *will + request->space.size + request->tuples.size);
    if (!will)
        return NULL;
    *will = (struct will){.name_size = request->space.size,
                          .count = request->tuple_count,
                          .size = request->tuples.size,
                          .putting = request->putting};
    memcpy(will->bytes, request->space.bytes, request->space.size);
    memcpy(will->bytes + will->name_size, request->tuples.bytes, request->tuples.size);
    return will;
}

static void will_drop(struct engine *engine, struct session *session, struct will *will)
{
    account_release(engine, &will->charge);
    session->will_bytes -= will->size;
    session->will_tuples -= will->count;
    TAILQ_REMOVE(&session->wills, will, link);
    mem_free(will);
}

static uint64_t beyond(uint64_t amount, uint64_t than)
{
    return amount > than ? amount - than : 0;
}

/* What it may put is charged from now on. */
static int check_account(const struct engine *engine, const struct session *session,
                         const struct will *old, const struct request *request,
                         struct problem *problem)
{
    const struct account *account = session_account(engine, session);
    const uint64_t bytes = beyond(request->tuples.size, old ? old->size : 0);
    if (account_check(engine, account, QUOTA_WILLS, bytes, problem) < 0)
        return -1;
    return account_check_put(engine, account, beyond(request->tuple_count, old ? old->count : 0),
                             bytes, problem);
}

static void charge(struct engine *engine, const struct session *session, struct will *will)
{
    struct account *account = session_account(engine, session);
    account_charge(engine, &will->charge, account, QUOTA_WILLS, will->size);
    account_charge(engine, &will->charge, account, QUOTA_TUPLES, will->count);
    account_charge(engine, &will->charge, account, QUOTA_BYTES, will->size);
}

/* What all wills together would be with the new one instead of the old one. */
static int check_size(const struct engine *engine, const struct session *session,
                      const struct will *old, const struct request *request,
                      struct problem *problem)
{
    const uint64_t bytes = session->will_bytes - (old ? old->size : 0) + request->tuples.size;
    const uint64_t tuples = session->will_tuples - (old ? old->count : 0) + request->tuple_count;
    if (bytes > LIMIT_WILL_BYTES)
        return problem_set(problem, TS_LIMIT, 0,
                           "the limit on the bytes of a connection's last will is %zu",
                           LIMIT_WILL_BYTES);
    if (tuples > LIMIT_UNIT_TUPLES)
        return problem_set(problem, TS_LIMIT, 0,
                           "the limit on the tuples of a connection's last will is %d",
                           LIMIT_UNIT_TUPLES);
    return check_account(engine, session, old, request, problem);
}

int will_set(struct engine *engine, struct session *session, const struct request *request,
             struct problem *problem)
{
    struct will *old = will_find(session, &request->space), *will = NULL;
    if (check_size(engine, session, old, request, problem) < 0)
        return -1;
    if (request->tuple_count > 0) {
        will = will_new(request);
        if (!will)
            return problem_set(problem, TS_NO_MEMORY, 0, "no memory for the last will");
        if (old)
            TAILQ_INSERT_BEFORE(old, will, link); /* it keeps its turn */
        else
            TAILQ_INSERT_TAIL(&session->wills, will, link);
        charge(engine, session, will);
        session->will_bytes += will->size;
        session->will_tuples += will->count;
    }
    if (old)
        will_drop(engine, session, old);
    return 0;
}

static void put_one(struct engine *engine, struct session *session, struct will *will)
{
    const struct span name = {will->bytes, will->name_size};
    if (!access_may_write(engine, owner_at(&engine->owners, session->owner), &name))
        return; /* rule S32: not any more */
    struct space *space = must_have(engine_make_space(engine, &name, session->owner));
    struct puts *puts = &engine->puts;
    account_release(engine, &will->charge); /* its tuples are charged themselves */
    const uint8_t *at = will->bytes + will->name_size;
    puts_clear(puts);
    for (uint32_t i = 0; i < will->count; i++) {
        const struct tuple_view view = tuple_at(at);
        must(puts_add(engine, puts, session, space, &view, &will->putting));
        at += view.size;
    }
    must(puts_place(engine, puts));
    puts_show(engine, puts);
}

void will_put(struct engine *engine, struct session *session)
{
    struct will *will;
    TAILQ_FOREACH (will, &session->wills, link)
        put_one(engine, session, will);
}

void will_forget(struct engine *engine, struct session *session)
{
    struct will *will;
    while ((will = TAILQ_FIRST(&session->wills)))
        will_drop(engine, session, will);
}
