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

static void will_drop(struct session *session, struct will *will)
{
    session->will_bytes -= will->size;
    session->will_tuples -= will->count;
    TAILQ_REMOVE(&session->wills, will, link);
    mem_free(will);
}

/* What all wills together would be with the new one instead of the old one. */
static int check_size(const struct session *session, const struct will *old,
                      const struct request *request, struct problem *problem)
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
    return 0;
}

int will_set(struct session *session, const struct request *request, struct problem *problem)
{
    struct will *old = will_find(session, &request->space), *will = NULL;
    if (check_size(session, old, request, problem) < 0)
        return -1;
    if (request->tuple_count > 0) {
        will = will_new(request);
        if (!will)
            return problem_set(problem, TS_NO_MEMORY, 0, "no memory for the last will");
        if (old)
            TAILQ_INSERT_BEFORE(old, will, link); /* it keeps its turn */
        else
            TAILQ_INSERT_TAIL(&session->wills, will, link);
        session->will_bytes += will->size;
        session->will_tuples += will->count;
    }
    if (old)
        will_drop(session, old);
    return 0;
}

static void put_one(struct engine *engine, struct session *session, const struct will *will)
{
    const struct span name = {will->bytes, will->name_size};
    struct space *space = must_have(engine_make_space(engine, &name));
    struct puts *puts = &engine->puts;
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

void will_forget(struct session *session)
{
    struct will *will;
    while ((will = TAILQ_FIRST(&session->wills)))
        will_drop(session, will);
}
