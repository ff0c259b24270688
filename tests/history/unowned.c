/* SPDX-License-Identifier: MIT */
/*
 * Units that no answer tells of, known by the events of watches alone: timers, the ends of
 * connections, requests whose client died before it had read the answer.
 */
#include "history/model.h"

#include <string.h>

struct unit_event *find_event(struct model *model, enum tsd_event kind, uint64_t id)
{
    for (size_t i = 0; i < model->event_count; i++) {
        struct unit_event *event = &model->events[i];
        if (!event->used && (!kind || event->event->kind == kind) && event->event->told.id == id)
            return event;
    }
    return NULL;
}

void check_event(struct model *model, const struct unit_event *event, const struct tup *tup)
{
    if (event->event->told.priority != tup->priority)
        verdict_add(model->verdict, FOUND_WRONG_ANSWER, tup->kept_by, tup->put_by,
                    "tuple %llu has priority %d, event %d at %llu says %d",
                    (unsigned long long)tup->id, tup->priority, (int)event->event->kind,
                    (unsigned long long)model->position, event->event->told.priority);
    if (event->event->told.returns != tup->returns)
        verdict_add(model->verdict, FOUND_RETURN_COUNT, tup->kept_by, tup->put_by,
                    "tuple %llu came back %u times, event %d at %llu says %u",
                    (unsigned long long)tup->id, tup->returns, (int)event->event->kind,
                    (unsigned long long)model->position, event->event->told.returns);
}

/* --- Requests without an answer that took something --- */

static bool may_have_taken(const struct op *op, const struct tup *tup)
{
    if (op->has & TSD_HAS(ID) && op->id != tup->id)
        return false;
    for (uint32_t i = 0; i < op->part_count; i++)
        if (op->parts[i].space == tup->space &&
            (op->kind != TSD_OP_ATOMIC || op->parts[i].guard == TSD_GUARD_IN ||
             op->parts[i].guard == TSD_GUARD_HOLD) &&
            pattern_matches(op->parts[i].pattern, tup->bytes))
            return true;
    return false;
}

/* Whether any of them may have; those whose connections are over are forgotten on the way. */
static bool any_has_taken(struct model *model, struct takers *takers, const struct tup *tup)
{
    size_t left = 0, i = 0;
    bool has = false;
    for (; i < takers->count && !has; i++) {
        const struct op *op = &model->history->ops[takers->list[i]];
        if (op->call_ns > model->high_ns)
            break;
        if (session_is_over(model, op->session))
            continue;
        has = may_have_taken(op, tup);
        takers->list[left++] = takers->list[i];
    }
    if (left < i) {
        memmove(takers->list + left, takers->list + i, (takers->count - i) * sizeof(int));
        takers->count -= i - left;
    }
    return has;
}

static void each_taker_bucket(struct model *model, const struct tup *tup, bool *kept, bool *final)
{
    struct shape shape = tuple_shape(tup->bytes);
    for (int i = 0; i < 3; i++) {
        struct bucket *bucket = bucket_find(model, tup->space, &shape);
        if (bucket) {
            *kept = *kept || any_has_taken(model, &bucket->keepers, tup);
            *final = *final || any_has_taken(model, &bucket->consumers, tup);
        }
        if (i == 0)
            shape.first = false;
        else
            shape.length = 0;
    }
}

/* Which loss it was, where an answer had said that nothing was taken. */
static void taken_by_nobody(struct model *model, struct tup *tup)
{
    const struct history *history = model->history;
    int op = NO_OP;
    const enum finding_kind kind = blame(model, tup, &op);
    verdict_add(model->verdict, kind == FOUND_LOST ? FOUND_UNEXPLAINED : kind, op, tup->put_by,
                "tuple %llu was taken at %llu by no known request in %.*s",
                (unsigned long long)tup->id, (unsigned long long)model->position,
                (int)history->spaces[tup->space].size,
                (const char *)history->spaces[tup->space].bytes);
}

static void taken_unseen(struct model *model, struct unit_event *event)
{
    struct tup *tup = tup_find(model, event->event->told.id);
    bool kept = false, final = false;
    event->used = true;
    if (!tup || tup->life != LIFE_STORED) {
        verdict_add(model->verdict, FOUND_WATCH_DUPLICATE, NO_OP, tup ? tup->kept_by : NO_OP,
                    "tuple %llu is told as taken, and was not stored",
                    (unsigned long long)event->event->told.id);
        return;
    }
    each_taker_bucket(model, tup, &kept, &final);
    if (!kept && !final)
        taken_by_nobody(model, tup);
    check_event(model, event, tup);
    tup->keeper = UNKNOWN_SESSION;
    tup->kept_by = NO_OP;
    tup->delivery = UINT64_MAX;
    tup->gone_at = model->position;
    tup->held = tup->timed = tup->detached = false;
    tup_set(model, tup, LIFE_KEPT);
    if (final)
        tup_maybe(model, tup);
}

/* What an unseen collect or copy, or the body of an unseen atomic, put. */
static bool moved_unseen(struct model *model, struct unit_event *event)
{
    const struct told *told = &event->event->told;
    for (size_t i = 0; i < model->takers.count; i++) {
        const struct op *op = &model->history->ops[model->takers.list[i]];
        if ((op->kind != TSD_OP_COLLECT && op->kind != TSD_OP_COPY) || op->to != event->space ||
            op->call_ns > model->high_ns || !pattern_matches(op->parts[0].pattern, told->tuple))
            continue;
        struct tup *tup = tup_new(model, told->id, event->space, told->tuple);
        tup->put_low = op->call_ns;
        tup->put_high = model->high_ns;
        tup->priority = told->priority;
        tup->unsure_life = true;
        event->used = true;
        tup_set(model, tup, LIFE_STORED);
        return true;
    }
    return false;
}

/* --- Timers --- */

static void too_early(struct model *model, const struct tup *tup, uint64_t low, const char *what)
{
    if (low > model->high_ns)
        verdict_add(model->verdict, FOUND_TOO_EARLY, tup->put_by, tup->kept_by,
                    "%s of tuple %llu ended %llu us before its time", what,
                    (unsigned long long)tup->id, (unsigned long long)(low - model->high_ns) / 1000);
}

static bool wakes(struct model *model, struct unit_event *event)
{
    struct tup *tup = tup_find(model, event->event->told.id);
    const enum tsd_event kind = event->event->kind;
    if (!tup || tup->life != LIFE_DELAYED ||
        kind != (tup->returning ? TSD_EVENT_RETURNED : TSD_EVENT_PUT))
        return false;
    too_early(model, tup, tup->visible_low, "the delay");
    if (tup->unsure_return)
        tup->returns = event->event->told.returns;
    tup->unsure_return = false;
    check_event(model, event, tup);
    event->used = true;
    tup->returning = false;
    tup_set(model, tup, LIFE_STORED);
    return true;
}

static bool may_have_ended(const struct model *model, int session)
{
    const struct session *told = &model->history->sessions[session];
    return told->end != SESSION_OPEN && told->end_low_ns <= model->high_ns;
}

bool may_be_dropped(const struct model *model, const struct tup *tup)
{
    return tup->pulse || tup->unsure_life ||
           (tup->ttl_ns && tup->put_low + tup->ttl_ns <= model->high_ns) ||
           (tup->bound != UNKNOWN_SESSION && may_have_ended(model, tup->bound));
}

/* A pulse goes when all who wait have been served, whatever position its event tells. */
static bool expires(struct model *model, struct unit_event *event)
{
    struct tup *tup = tup_find(model, event->event->told.id);
    if (!tup || tup->life != LIFE_STORED || event->event->kind != TSD_EVENT_EXPIRED)
        return false;
    check_event(model, event, tup);
    if (tup->pulse) {
        tup->dying = event->used = true;
        list_add(&model->dying, tup);
        return true;
    }
    if (tup->unsure_life) {
        event->used = true;
        tup_set(model, tup, LIFE_EXPIRED);
        return true;
    }
    if (!tup->ttl_ns || (tup->bound != UNKNOWN_SESSION && may_be_dropped(model, tup) &&
                         tup->put_low + tup->ttl_ns > model->high_ns))
        return false;
    too_early(model, tup, tup->put_low + tup->ttl_ns, "the life");
    event->used = true;
    tup_set(model, tup, LIFE_EXPIRED);
    return true;
}

const struct op *unsure_release(const struct model *model, const struct tup *tup)
{
    const struct token token = {
        .delivery = !tup->held, .number = tup->held ? tup->hold : tup->delivery, .secret = tup->id};
    const int *index = table_find(&model->unsure_releases, token_key(tup->keeper, &token));
    return index ? &model->history->ops[*index] : NULL;
}

/* The end of a hold time, or a release without an answer. */
static bool comes_back(struct model *model, struct unit_event *event)
{
    struct tup *tup = tup_find(model, event->event->told.id);
    if (!tup || tup->life != LIFE_KEPT || event->event->kind != TSD_EVENT_RETURNED)
        return false;
    const struct op *release = unsure_release(model, tup);
    const bool released = release && event->event->told.reason == TSD_REASON_RELEASED;
    if (tup->keeper != UNKNOWN_SESSION && !released) {
        if (!tup->timed)
            return false;
        too_early(model, tup, tup->hold_low, "the hold");
    }
    give_back(model, tup, !released || !release->untried);
    return true;
}

/* --- What is wrong with an event that nothing explains --- */

static void unexplained(struct model *model, struct unit_event *event)
{
    const struct told *told = &event->event->told;
    const struct tup *tup = tup_find(model, told->id);
    const char *what = "";
    enum finding_kind kind = FOUND_UNEXPLAINED;
    event->used = true;
    if (!tup) {
        kind = event->event->kind == TSD_EVENT_PUT ? FOUND_NEVER_PUT : FOUND_UNEXPLAINED;
        what = "nobody put it";
    } else if (event->event->kind == TSD_EVENT_RETURNED && tup->life == LIFE_CONSUMED) {
        kind = FOUND_AFTER_FINAL;
        what = "it was acknowledged or finished";
    } else if (event->event->kind == TSD_EVENT_PUT ||
               (event->event->kind == TSD_EVENT_RETURNED && tup->life == LIFE_STORED) ||
               (event->event->kind != TSD_EVENT_RETURNED && tup->life != LIFE_STORED)) {
        kind = FOUND_WATCH_DUPLICATE;
        what = "it was told before";
    }
    verdict_add(model->verdict, kind, tup ? tup->kept_by : NO_OP, tup ? tup->put_by : NO_OP,
                "event %d of tuple %llu at %llu: %s", (int)event->event->kind,
                (unsigned long long)told->id, (unsigned long long)model->position, what);
}

/* The connection whose end this unit is; UNKNOWN_SESSION where it is none. */
static int ending_session(const struct model *model, const struct unit_event *event)
{
    const struct told *told = &event->event->told;
    const struct tup *tup = tup_find(model, told->id);
    int session = UNKNOWN_SESSION;
    if (tup && event->event->kind == TSD_EVENT_RETURNED && tup->life == LIFE_KEPT && !tup->detached)
        session = tup->keeper;
    else if (tup && event->event->kind == TSD_EVENT_EXPIRED && tup->life == LIFE_STORED)
        session = tup->bound;
    else if (!tup && event->event->kind == TSD_EVENT_PUT)
        session = will_or_dead_letter(model, event);
    if (session == UNKNOWN_SESSION || !may_have_ended(model, session))
        return UNKNOWN_SESSION;
    if (event->event->kind == TSD_EVENT_RETURNED && told->reason != TSD_REASON_CONNECTION)
        return UNKNOWN_SESSION;
    return session;
}

static void one_event(struct model *model, struct unit_event *event)
{
    const enum tsd_event kind = event->event->kind;
    if (kind == TSD_EVENT_TAKEN)
        taken_unseen(model, event);
    else if (!wakes(model, event) && !expires(model, event) && !comes_back(model, event) &&
             !(kind == TSD_EVENT_PUT && !tup_find(model, event->event->told.id) &&
               (dead_letter(model, event) || moved_unseen(model, event))))
        unexplained(model, event);
}

/* What a connection kept goes back in the order of place (rule S10). */
static void check_return_order(struct model *model)
{
    const struct tup *last = NULL;
    for (size_t i = 0; i < model->event_count; i++) {
        const struct unit_event *event = &model->events[i];
        const struct tup *tup = tup_find(model, event->event->told.id);
        if (event->event->kind != TSD_EVENT_RETURNED || !tup ||
            event->event->told.reason != TSD_REASON_CONNECTION)
            continue;
        if (last && last->space == tup->space &&
            (last->priority != tup->priority ? last->priority < tup->priority : last->id > tup->id))
            verdict_add(model->verdict, FOUND_WRONG_PLACE, tup->kept_by, last->kept_by,
                        "tuple %llu came back after %llu at %llu", (unsigned long long)tup->id,
                        (unsigned long long)last->id, (unsigned long long)model->position);
        last = tup;
    }
}

void unowned(struct model *model)
{
    check_return_order(model);
    for (size_t i = 0; i < model->event_count; i++) {
        if (model->events[i].used || model->events[i].event->kind == TSD_EVENT_TAKEN)
            continue;
        const int session = ending_session(model, &model->events[i]);
        if (session == UNKNOWN_SESSION || model->seats[session].ended)
            continue;
        end_session(model, session, model->seats[session].said_goodbye);
    }
    for (size_t i = 0; i < model->event_count; i++)
        if (!model->events[i].used)
            one_event(model, &model->events[i]);
}
