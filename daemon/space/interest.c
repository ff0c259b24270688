/* SPDX-License-Identifier: MIT */
#include "space/interest.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "space/answer.h"
#include "space/away_page.h"
#include "space/key.h"
#include "space/lookup.h"
#include "space/operation.h"
#include "space/shapes.h"
#include "space/state.h"
#include "space/unit.h"

#define ALIGN 8

static uint32_t interest_hash(const struct engine *engine, uint64_t session, uint64_t number)
{
    const uint64_t id[2] = {session, number};
    return (uint32_t)hash_bytes(&engine->options.key, id, sizeof id);
}

static size_t aligned(size_t size)
{
    return (size + ALIGN - 1) / ALIGN * ALIGN;
}

static size_t size_of(const struct query *query)
{
    size_t size = aligned(sizeof(struct interest));
    size += query->part_count * (sizeof(struct query_part) + sizeof(struct wait));
    for (uint32_t i = 0; i < query->part_count; i++)
        size += aligned(pattern_copy_size(&query->parts[i].pattern));
    return size;
}

/* Lays out parts, waits and patterns behind the interest, in its one allocation. */
static void copy_query(struct interest *interest, const struct query *query)
{
    uint8_t *at = (uint8_t *)interest + aligned(sizeof *interest);
    interest->query = *query;
    interest->query.parts = (struct query_part *)at;
    at += query->part_count * sizeof(struct query_part);
    interest->waits = (struct wait *)at;
    at += query->part_count * sizeof(struct wait);
    for (uint32_t i = 0; i < query->part_count; i++) {
        struct query_part *part = &interest->query.parts[i];
        *part = query->parts[i];
        pattern_copy(&query->parts[i].pattern, at, &part->pattern);
        at += aligned(pattern_copy_size(&query->parts[i].pattern));
        interest->waits[i] = (struct wait){.interest = interest};
    }
}

/* Its time; UINT64_MAX: it waits for ever. */
static uint64_t deadline(const struct engine *engine, const struct request *request)
{
    if (!(request->has & TSD_HAS(TIMEOUT)) || request->timeout_us == 0)
        return UINT64_MAX;
    return timer_after(engine, request->timeout_us);
}

bool interest_may_wait(const struct request *request)
{
    return !(request->has & TSD_HAS(TIMEOUT)) || request->timeout_us > 0;
}

/* Whether it does not wait: it is an interest only while it is looked up in pieces. */
static bool is_once(const struct asker *asker, const struct request *request)
{
    return asker->op == TSD_OP_COLLECT || asker->op == TSD_OP_COPY || !interest_may_wait(request);
}

/* Whether its user may have one more of these. */
static int check_account(const struct engine *engine, const struct asker *asker,
                         const struct query *query, size_t size, struct problem *problem)
{
    const struct account *account = session_account(engine, asker->session);
    if (account_check(engine, account, QUOTA_REQUESTS, 1, problem) < 0 ||
        account_check(engine, account, QUOTA_INTERESTS, query->part_count, problem) < 0 ||
        account_check(engine, account, QUOTA_WAITING, size, problem) < 0)
        return -1;
    return asker->op == TSD_OP_WATCH ? account_check(engine, account, QUOTA_WATCHES, 1, problem)
                                     : 0;
}

/* With what it may put, too: there is room for that when its turn comes. */
static void charge(struct engine *engine, struct interest *interest, const struct request *request)
{
    struct account *account = session_account(engine, interest->session);
    struct account_charge *to = &interest->charge;
    account_charge(engine, to, account, QUOTA_REQUESTS, 1);
    account_charge(engine, to, account, QUOTA_INTERESTS, interest->query.part_count);
    account_charge(engine, to, account, QUOTA_WAITING, interest->bytes);
    if (interest->op == TSD_OP_WATCH)
        account_charge(engine, to, account, QUOTA_WATCHES, 1);
    account_charge_request(engine, to, account, request);
}

struct interest *interest_new(struct engine *engine, const struct asker *asker,
                              const struct request *request, const struct query *query,
                              struct problem *problem)
{
    const size_t size = size_of(query);
    struct session *session = asker->session;
    if (check_account(engine, asker, query, size, problem) < 0)
        return NULL;
    problem_set(problem, TS_NO_MEMORY, 0, "the daemon is out of memory: nothing was done");
    struct interest *interest = slab_alloc(&engine->slab, size);
    if (!interest)
        return NULL;
    *interest = (struct interest){.session = session,
                                  .number = asker->number,
                                  .since = asker->since,
                                  .op = asker->op,
                                  .once = is_once(asker, request),
                                  .bytes = (uint32_t)size};
    copy_query(interest, query);
    if (timer_start(engine, &interest->timeout, TIMER_TIMEOUT, deadline(engine, request),
                    interest->since) < 0 ||
        table_insert(&engine->interests, &interest->node,
                     interest_hash(engine, session->number, interest->number)) < 0) {
        timer_stop(engine, &interest->timeout);
        slab_free(&engine->slab, interest, size);
        return NULL;
    }
    TAILQ_INSERT_TAIL(&session->interests, interest, session_link);
    session->waiting++;
    session->watches += interest->op == TSD_OP_WATCH;
    charge(engine, interest, request);
    return interest;
}

/* A wait for tuples: only these get what they wait for in one answer. */
static bool wants_tuples(const struct interest *interest)
{
    return interest->op == TSD_OP_IN || interest->op == TSD_OP_RD || interest->op == TSD_OP_HOLD;
}

static void count_in_space(const struct interest *interest, struct space *space, bool in)
{
    uint64_t *count = interest->op == TSD_OP_WATCH ? &space->watches
                      : interest->once             ? &space->working
                                                   : &space->waiting;
    *count += in ? 1 : -(uint64_t)1;
}

/* That of the name; what does not wait must not tell from one that is not there what it may not see
 * (rule S31). NULL without memory. */
static struct space *space_for(struct engine *engine, const struct interest *interest,
                               const struct span *name, unsigned right)
{
    if (!interest->once)
        return engine_make_space(engine, name, interest->session->owner);
    struct space *space = engine_look_up_space(engine, name);
    if (space && space_listed(space))
        return access_allows(engine, interest->session, space, right) ? space : engine->nowhere;
    /* nobody's yet: whoever makes it says whose it is */
    const struct owner *who = owner_at(&engine->owners, interest->session->owner);
    const struct access access = space ? space->access : access_of_new(engine, name, who);
    return engine_make_space_of(engine, name, &access, who->account);
}

/* Makes the spaces that it names, which stay as long as it waits. */
static int pin(struct engine *engine, struct interest *interest, const struct request *request)
{
    struct query *query = &interest->query;
    /* What was found may be idle, and go before its turn comes: only what is pinned is held on to. */
    for (uint32_t i = 0; i < query->part_count; i++)
        query->parts[i].space = NULL;
    interest->pinned = true;
    for (uint32_t i = 0; i < query->part_count; i++) {
        struct query_part *part = &query->parts[i];
        const unsigned right = access_right_of(request->op, request->guards[i].kind);
        part->space = space_for(engine, interest, &request->alternatives[i].space, right);
        if (!part->space)
            return -1;
        count_in_space(interest, part->space, true);
    }
    if (wants_tuples(interest))
        interest->session->wanted += query->max;
    return 0;
}

/* Whether the session may wait for so many tuples more: an answer to all at once has its bound. */
static int check_wanted(const struct asker *asker, const struct query *query,
                        struct problem *problem)
{
    if (asker->session->wanted + query->max <= LIMIT_WAITING_TUPLES)
        return 0;
    return problem_set(problem, TS_LIMIT, 0,
                       "this connection's waiting requests ask for more than %d tuples together",
                       LIMIT_WAITING_TUPLES);
}

struct interest *interest_begin(struct engine *engine, const struct asker *asker,
                                const struct request *request, struct query *query)
{
    struct problem problem;
    const bool waits = !is_once(asker, request);
    if (check_wanted(asker, query, &problem) < 0 ||
        (waits && expressions_charge(engine, asker->session->user, query, &problem) < 0)) {
        query_end(engine, query);
        answer_refused(engine, asker, &problem);
        return NULL;
    }
    struct interest *interest = interest_new(engine, asker, request, query, &problem);
    if (!interest) {
        if (waits)
            expressions_discharge(engine, asker->session->user, query);
        query_end(engine, query);
        answer_refused(engine, asker, &problem);
        return NULL;
    }
    interest->charged = waits;
    if (pin(engine, interest, request) == 0)
        return interest;
    interest_free(engine, interest);
    answer_no_memory(engine, asker);
    return NULL;
}

static enum chain_queue queue_of(const struct interest *interest)
{
    if (interest->lookup)
        return QUEUE_LOOKUPS;
    switch (interest->op) {
    case TSD_OP_RD:
        return QUEUE_READERS;
    case TSD_OP_WATCH:
        return QUEUE_WATCHERS;
    default:
        return QUEUE_TAKERS;
    }
}

int interest_link(struct engine *engine, struct interest *interest, uint32_t part)
{
    struct query_part *at = &interest->query.parts[part];
    struct wait *wait = &interest->waits[part];
    if (shapes_link(at->space, &engine->slab, &engine->options.key, wait, &at->pattern,
                    queue_of(interest)) < 0)
        return -1;
    /* What is there now was looked at: it would not wait else. */
    wait->seen = wait->chain->fresh_tail;
    wait->seen_serial = wait->seen ? engine->settle.serial : 0;
    return 0;
}

int interest_link_all(struct engine *engine, struct interest *interest)
{
    for (uint32_t i = 0; i < interest->query.part_count; i++)
        if (interest_link(engine, interest, i) < 0)
            return -1;
    return 0;
}

struct interest *interest_wait(struct engine *engine, const struct asker *asker,
                               const struct request *request, struct query *query)
{
    struct interest *interest = interest_begin(engine, asker, request, query);
    if (!interest || interest_link_all(engine, interest) == 0)
        return interest;
    interest_free(engine, interest);
    answer_no_memory(engine, asker);
    return NULL;
}

void interest_unlink(struct engine *engine, struct interest *interest)
{
    for (uint32_t i = 0; i < interest->query.part_count; i++)
        chain_unlink(engine, &interest->waits[i]);
    room_leave(engine, interest);
}

static void unpin(struct engine *engine, struct interest *interest)
{
    struct query *query = &interest->query;
    bool all = true;
    for (uint32_t i = 0; i < query->part_count; i++) {
        struct space *space = query->parts[i].space;
        if (!space) {
            all = false; /* there was no memory to make it */
            break;
        }
        count_in_space(interest, space, false);
        engine_space_left(engine, space);
    }
    if (all && wants_tuples(interest))
        interest->session->wanted -= query->max;
}

static void stop_working(struct engine *engine, struct interest *interest)
{
    work_end(engine, &interest->work);
    if (interest->op != TSD_OP_COUNT && interest->op != TSD_OP_SCAN)
        return;
    away_free(interest->count.away);
    away_page_free(engine, interest->page);
    interest->query.parts->space->working--;
    interest->session->working--;
    engine_space_left(engine, interest->query.parts->space);
}

/* Out of what only some kinds of requests are in. */
static void leave_kind(struct engine *engine, struct interest *interest)
{
    struct session *session = interest->session;
    lookup_free(engine, interest);
    if (work_runs(&interest->work))
        stop_working(engine, interest);
    if (interest->end != END_NOT)
        settle_ends_not(engine, interest);
    session->watches -= interest->op == TSD_OP_WATCH;
    session->tells -= interest->waits_reading;
    unit_free(engine, interest->unit);
    key_free(engine, interest->key);
}

void interest_free(struct engine *engine, struct interest *interest)
{
    struct query *query = &interest->query;
    interest_unlink(engine, interest);
    leave_kind(engine, interest);
    if (interest->charged)
        expressions_discharge(engine, interest->session->user, query);
    if (interest->pinned)
        unpin(engine, interest);
    for (uint32_t i = 0; i < query->part_count; i++)
        expressions_release(engine, &query->parts[i]);
    timer_stop(engine, &interest->timeout);
    account_release(engine, &interest->charge);
    table_remove(&engine->interests, &interest->node);
    TAILQ_REMOVE(&interest->session->interests, interest, session_link);
    interest->session->waiting--;
    slab_free(&engine->slab, interest, interest->bytes);
}

struct interest *interest_find(const struct engine *engine, const struct session *session,
                               uint64_t number)
{
    if (session->waiting == 0)
        return NULL; /* the usual case, asked for every request: nothing need be hashed */
    const uint32_t hash = interest_hash(engine, session->number, number);
    struct table_node *node = table_first(&engine->interests, hash);
    for (; node; node = table_next(node, hash)) {
        struct interest *interest = container_of(node, struct interest, node);
        if (interest->session == session && interest->number == number)
            return interest;
    }
    return NULL;
}

const struct query_part *interest_part_of(const struct wait *wait)
{
    return &wait->interest->query.parts[wait - wait->interest->waits];
}

struct asker interest_asker(const struct interest *interest)
{
    return (struct asker){interest->session, interest->number, interest->op, interest->since};
}

bool interest_names(const struct interest *interest, const struct space *space)
{
    const struct span name = space_name(space);
    for (uint32_t i = 0; i < interest->query.part_count; i++)
        if (interest->query.parts[i].space == space)
            return true;
    return interest->unit && unit_names(interest->unit, &name);
}

int interest_by_age(const void *a, const void *b)
{
    const struct interest *one = *(struct interest *const *)a;
    const struct interest *other = *(struct interest *const *)b;
    return (one->since > other->since) - (one->since < other->since);
}

struct interest **interests_collect(struct engine *engine,
                                    bool (*which)(struct engine *, const struct interest *,
                                                  const struct space *),
                                    const struct space *space, uint32_t *count)
{
    struct table_node *node = NULL;
    struct interest **list =
        must_have(mem_alloc(table_count(&engine->interests) * sizeof(struct interest *)));
    *count = 0;
    while ((node = table_walk(&engine->interests, node))) {
        struct interest *interest = container_of(node, struct interest, node);
        if (which(engine, interest, space))
            list[(*count)++] = interest;
    }
    qsort(list, *count, sizeof(struct interest *), interest_by_age);
    return list;
}
