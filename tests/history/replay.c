/* SPDX-License-Identifier: MIT */
/*
 * Mode 1: all that has a position, in its order, unit by unit, on the naive model.
 *
 * What is told of a position: which requests were taken up there or took effect, and what the
 * watches of everything saw. A unit of a request has to be told to those watches as the model does
 * it; a unit that no answer tells of has to be explained by what is known of the connections.
 */
#include "history/model.h"

#include <stdlib.h>

enum fact_kind { FACT_BOTH, FACT_ARRIVES, FACT_EFFECT };

struct fact {
    uint64_t position;
    enum fact_kind kind;
    int op;
};

struct replay {
    struct model model;
    struct fact *facts;
    size_t fact_count, fact_capacity, fact_at;
    struct unit_event *events; /* of the watches of everything, by position */
    size_t event_count, event_capacity, event_at;
    uint64_t *latest; /* by fact: not later than this, told by it and all after it */
    uint64_t *event_latest;
    int *backbone; /* by space: the watch of everything */
    uint64_t busy; /* positions before this belong to the last unit */
    int busy_op;
    size_t operations;
};

static bool is_of_everything(const struct op *op)
{
    static const uint8_t everything[] = {0x91, 0x91, TSD_M_REST};
    const uint32_t all = 1u << TSD_EVENT_PUT | 1u << TSD_EVENT_TAKEN | 1u << TSD_EVENT_RETURNED |
                         1u << TSD_EVENT_EXPIRED;
    return op->kind == TSD_OP_WATCH && (op->events & all) == all &&
           same_tuple(op->parts[0].pattern, (struct span){everything, sizeof everything});
}

static void find_backbone(struct replay *replay)
{
    const struct history *history = replay->model.history;
    replay->backbone = array_new(history->space_count, sizeof(int));
    for (size_t i = 0; i < history->space_count; i++)
        replay->backbone[i] = NO_OP;
    for (size_t i = 0; i < history->op_count; i++) {
        const struct op *op = &history->ops[i];
        if (!is_of_everything(op))
            continue;
        const int now = replay->backbone[op->space];
        if (now == NO_OP || op->call_ns < history->ops[now].call_ns)
            replay->backbone[op->space] = (int)i;
    }
}

static void check_backbone(struct replay *replay)
{
    const struct history *history = replay->model.history;
    for (size_t i = 0; i < history->op_count; i++) {
        const struct op *op = &history->ops[i];
        if (op->space == NO_SPACE || !op->placed || op->kind == TSD_OP_SPACE ||
            op->kind == TSD_OP_REMOVE || replay->backbone[op->space] != NO_OP)
            continue;
        verdict_add(replay->model.verdict, FOUND_UNCHECKED, (int)i, NO_OP,
                    "no watch follows everything in this space");
        replay->backbone[op->space] = (int)i; /* once is enough */
    }
}

/* --- In order --- */

static void add_fact(struct replay *replay, uint64_t position, enum fact_kind kind, int op)
{
    replay->facts =
        grow(replay->facts, replay->fact_count, &replay->fact_capacity, sizeof *replay->facts);
    replay->facts[replay->fact_count++] = (struct fact){position, kind, op};
}

static void add_facts(struct replay *replay)
{
    const struct history *history = replay->model.history;
    for (size_t i = 0; i < history->op_count; i++) {
        const struct op *op = &history->ops[i];
        if (replay->model.guessed[i]) {
            add_fact(replay, op->at, FACT_EFFECT, (int)i);
        } else if (op->placed && op->answered && op->since == op->at) {
            add_fact(replay, op->at, FACT_BOTH, (int)i);
        } else if (op->placed && op->answered) {
            add_fact(replay, op->since, FACT_ARRIVES, (int)i);
            add_fact(replay, op->at, FACT_EFFECT, (int)i);
        }
    }
}

static int fact_order(const void *a, const void *b)
{
    const struct fact *x = a, *y = b;
    if (x->position != y->position)
        return x->position < y->position ? -1 : 1;
    return x->kind != y->kind ? (int)y->kind - (int)x->kind : x->op - y->op;
}

static int event_order(const void *a, const void *b)
{
    const struct unit_event *x = a, *y = b;
    if (x->event->at != y->event->at)
        return x->event->at < y->event->at ? -1 : 1;
    return (x->event > y->event) - (x->event < y->event);
}

/* A watch is told in order. */
static void check_order(struct replay *replay, const struct happening *event, uint64_t *last)
{
    if (event->at < *last)
        verdict_add(replay->model.verdict, FOUND_POSITIONS, event->watch, NO_OP,
                    "event %d of tuple %llu at %llu is told after one at %llu", (int)event->kind,
                    (unsigned long long)event->told.id, (unsigned long long)event->at,
                    (unsigned long long)*last);
    *last = event->at;
}

static void add_events(struct replay *replay)
{
    const struct history *history = replay->model.history;
    uint64_t *last = array_new(history->space_count, sizeof *last);
    for (size_t i = 0; i < history->event_count; i++) {
        const struct happening *event = &history->events[i];
        const int space = history->ops[event->watch].space;
        if (replay->backbone[space] != event->watch || event->told.tuple.size == 0)
            continue;
        check_order(replay, event, &last[space]);
        replay->events = grow(replay->events, replay->event_count, &replay->event_capacity,
                              sizeof *replay->events);
        replay->events[replay->event_count++] = (struct unit_event){space, event, false};
    }
    free(last);
}

static uint64_t known_by(const struct replay *replay, const struct fact *fact)
{
    const struct op *op = &replay->model.history->ops[fact->op];
    return op->answered ? op->answer_ns : UINT64_MAX;
}

/* By when all from here on had happened: the earliest time that any of them was told. */
static void find_latest(struct replay *replay)
{
    uint64_t least = UINT64_MAX;
    replay->latest = array_new(replay->fact_count + 1, sizeof(uint64_t));
    replay->event_latest = array_new(replay->event_count + 1, sizeof(uint64_t));
    replay->latest[replay->fact_count] = replay->event_latest[replay->event_count] = least;
    for (size_t i = replay->fact_count; i-- > 0;) {
        const uint64_t known = known_by(replay, &replay->facts[i]);
        least = known < least ? known : least;
        replay->latest[i] = least;
    }
    least = UINT64_MAX;
    for (size_t i = replay->event_count; i-- > 0;) {
        const uint64_t known = replay->events[i].event->time_ns;
        least = known < least ? known : least;
        replay->event_latest[i] = least;
    }
}

static void sort_all(struct replay *replay)
{
    if (replay->fact_count)
        qsort(replay->facts, replay->fact_count, sizeof *replay->facts, fact_order);
    if (replay->event_count)
        qsort(replay->events, replay->event_count, sizeof *replay->events, event_order);
    find_latest(replay);
}

/* --- A unit --- */

static bool waits(const struct op *op)
{
    return op->kind == TSD_OP_IN || op->kind == TSD_OP_RD || op->kind == TSD_OP_HOLD ||
           op->kind == TSD_OP_ATOMIC || op->kind == TSD_OP_OUT || op->kind == TSD_OP_FINISH ||
           op->kind == TSD_OP_DRAINED;
}

static void arrives(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    struct seat *seat = &model->seats[op->session];
    if (seat->ended && op->kind != TSD_OP_CLOSE && !(model->guessed[index] && op->key.size))
        verdict_add(model->verdict, FOUND_POSITIONS, index, NO_OP,
                    "taken up after its connection had ended");
    if (!model->guessed[index] && index < seat->last_op && !op_is_looked_up(op))
        verdict_add(model->verdict, FOUND_POSITIONS, index, seat->last_op - 1,
                    "requests of a connection began out of order");
    if (!model->guessed[index] && index >= seat->last_op)
        seat->last_op = index + 1;
    if (op->call_ns > model->high_ns)
        verdict_add(model->verdict, FOUND_REAL_TIME, index, NO_OP,
                    "what comes later in order was told %llu us before this was asked",
                    (unsigned long long)(op->call_ns - model->high_ns) / 1000);
    if (op->call_ns > model->asked_ns)
        model->asked_ns = op->call_ns;
    model->low_ns = model->asked_ns;
    acknowledge(model, op->session, op->ack);
}

static void begins_to_wait(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    if (!waits(op))
        return;
    if (op->status != TS_LATE && !op->repeated && can_serve(model, index))
        verdict_add(model->verdict, FOUND_PASSED_OVER, index, NO_OP,
                    "it waits, and could be served at once");
    waiter_add(model, index);
}

static uint64_t positions_of(const struct op *op)
{
    uint64_t puts = 0;
    if (op->status != TS_OK || op->repeated)
        return 1;
    if (op->kind == TSD_OP_OUT || op->kind == TSD_OP_FINISH)
        puts = op->tuple_count;
    if (op->kind == TSD_OP_COPY || (op->kind == TSD_OP_COLLECT && op->to != NO_SPACE))
        puts = op->value;
    for (uint32_t i = 0; i < op->step_count; i++)
        puts += op->steps[i].kind == TSD_STEP_OUT;
    return puts ? puts : 1;
}

static void check_room_of_positions(struct replay *replay, const struct fact *fact)
{
    struct model *model = &replay->model;
    if (fact->position < replay->busy)
        verdict_add(model->verdict,
                    replay->busy_op != NO_OP &&
                            model->history->ops[replay->busy_op].at == fact->position
                        ? FOUND_POSITIONS
                        : FOUND_INTERLEAVED,
                    fact->op, replay->busy_op, "position %llu is within another unit",
                    (unsigned long long)fact->position);
    replay->busy = fact->position +
                   (fact->kind == FACT_ARRIVES ? 1 : positions_of(&model->history->ops[fact->op]));
    replay->busy_op = fact->op;
}

/* Pulses go when those who waited have been served. */
static void drop_pulses(struct model *model)
{
    for (size_t i = 0; i < model->dying.count; i++)
        if (model->dying.list[i]->life == LIFE_STORED)
            tup_set(model, model->dying.list[i], LIFE_EXPIRED);
    model->dying.count = 0;
}

static bool gets_pulse(const struct model *model, const struct op *op)
{
    for (uint32_t i = 0; i < op->item_count; i++) {
        const struct tup *tup = tup_find(model, op->items[i].id);
        if (tup && tup->dying)
            return true;
    }
    return false;
}

/* What keeps it from being served is a pulse, which goes when nobody else can be. */
static bool waits_for_pulses(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    return model->dying.count > 0 &&
           (op->kind == TSD_OP_DRAINED ||
            (op->kind == TSD_OP_ATOMIC && !gets_pulse(model, op) && !can_serve(model, index)));
}

/* Whether the request that a unit serves, or ends, may come now. */
static void check_fact_turn(struct model *model, const struct fact *fact)
{
    const struct op *op = &model->history->ops[fact->op];
    const bool drained = op->kind == TSD_OP_DRAINED && op->status == TS_NOMATCH;
    if ((op_is_looked_up(op) && (op->status == TS_LATE || op->repeated)) ||
        (drained && fact->kind == FACT_EFFECT))
        return; /* told first, when that happens: it is looked at by itself */
    if (fact->kind != FACT_EFFECT) {
        check_turn(model, NO_OP);
        check_drained(model);
        drop_pulses(model);
        return;
    }
    if (model->guessed[fact->op] || op->status == TS_LATE || op->repeated ||
        op->status == TS_CANCELLED) /* of the unit of its cancel */
        return;
    check_turn(model, fact->op);
    if (op->status != TS_OK) {
        drop_pulses(model);
    } else if (waits_for_pulses(model, fact->op)) {
        drop_pulses(model);
        check_turn(model, fact->op);
    }
}

static void do_fact(struct replay *replay, const struct fact *fact)
{
    struct model *model = &replay->model;
    check_room_of_positions(replay, fact);
    check_fact_turn(model, fact);
    if (fact->kind != FACT_EFFECT || model->guessed[fact->op])
        arrives(model, fact->op);
    if (fact->kind == FACT_ARRIVES) {
        begins_to_wait(model, fact->op);
        return;
    }
    effect(model, fact->op, fact->kind == FACT_EFFECT);
    waiter_remove(model, fact->op);
    replay->operations++;
}

/* --- What the watches saw of a unit --- */

static struct unit_event *told_of(struct model *model, const struct expected *expected)
{
    for (size_t i = 0; i < model->event_count; i++) {
        struct unit_event *event = &model->events[i];
        if (!event->used && event->space == expected->space &&
            event->event->kind == expected->kind && event->event->told.id == expected->tup->id)
            return event;
    }
    return NULL;
}

static void check_expected(struct model *model, int op)
{
    const struct unit_event *last[64] = {0};
    for (size_t i = 0; i < model->expected_count; i++) {
        const struct expected *expected = &model->expected[i];
        struct unit_event *event = told_of(model, expected);
        if (!event) {
            const bool half = op != NO_OP && model->guessed[op] && model->event_count > 0 &&
                              expected->kind == TSD_EVENT_PUT;
            verdict_add(model->verdict, half ? FOUND_HALF_UNIT : FOUND_WATCH_GAP, op, NO_OP,
                        "event %d of tuple %llu at %llu was not told", (int)expected->kind,
                        (unsigned long long)expected->tup->id, (unsigned long long)model->position);
            continue;
        }
        event->used = true;
        check_event(model, event, expected->tup);
        if (!same_tuple(event->event->told.tuple, expected->tup->bytes))
            verdict_add(model->verdict, FOUND_NEVER_PUT, op, NO_OP,
                        "tuple %llu is told with other fields",
                        (unsigned long long)expected->tup->id);
        const unsigned space = (unsigned)expected->space % 64;
        if (last[space] && last[space] > event && last[space]->space == event->space)
            verdict_add(model->verdict, FOUND_UNEXPLAINED, op, NO_OP,
                        "the events of a unit are out of order at %llu",
                        (unsigned long long)model->position);
        last[space] = event;
    }
}

static bool only_of_kind(const struct model *model, enum tsd_event kind, bool pulses)
{
    for (size_t i = 0; i < model->event_count; i++) {
        const struct tup *tup = tup_find(model, model->events[i].event->told.id);
        if (model->events[i].event->kind != kind || (pulses && !(tup && tup->pulse)))
            return false;
    }
    return true;
}

/* Some that are taken, by whom nobody knows, and pulses that go after. */
static bool takes_beside_pulses(const struct model *model)
{
    bool taken = false;
    for (size_t i = 0; i < model->event_count; i++) {
        const struct tup *tup = tup_find(model, model->events[i].event->told.id);
        const enum tsd_event kind = model->events[i].event->kind;
        taken |= kind == TSD_EVENT_TAKEN;
        if (kind != TSD_EVENT_TAKEN && !(kind == TSD_EVENT_EXPIRED && tup && tup->pulse))
            return false;
    }
    return taken;
}

static void unit_without_request(struct model *model)
{
    if (only_of_kind(model, TSD_EVENT_TAKEN, false)) {
        unowned(model);
        return;
    }
    /* what was taken with a pulse beside it may have gone to one that waited for longer */
    if (!only_of_kind(model, TSD_EVENT_EXPIRED, true)) {
        if (!takes_beside_pulses(model))
            check_turn(model, NO_OP);
        drop_pulses(model);
    }
    unowned(model);
}

static void do_unit(struct replay *replay, uint64_t position)
{
    struct model *model = &replay->model;
    int op = NO_OP;
    model->position = position;
    model->expected_count = 0;
    model->high_ns = replay->latest[replay->fact_at];
    if (replay->event_latest[replay->event_at] < model->high_ns)
        model->high_ns = replay->event_latest[replay->event_at];
    model->events = replay->events + replay->event_at;
    for (model->event_count = 0; replay->event_at + model->event_count < replay->event_count &&
                                 model->events[model->event_count].event->at == position;)
        model->event_count++;
    if (replay->fact_at == replay->fact_count ||
        replay->facts[replay->fact_at].position != position) {
        unit_without_request(model);
    } else {
        for (; replay->fact_at < replay->fact_count &&
               replay->facts[replay->fact_at].position == position;
             replay->fact_at++) {
            op = replay->facts[replay->fact_at].op;
            do_fact(replay, &replay->facts[replay->fact_at]);
        }
        check_expected(model, op);
        unowned(model);
    }
    replay->event_at += model->event_count;
}

static uint64_t next_position(const struct replay *replay)
{
    uint64_t next = UINT64_MAX;
    if (replay->fact_at < replay->fact_count)
        next = replay->facts[replay->fact_at].position;
    if (replay->event_at < replay->event_count && replay->events[replay->event_at].event->at < next)
        next = replay->events[replay->event_at].event->at;
    return next;
}

void check_by_positions(const struct history *history, struct verdict *verdict)
{
    struct replay replay = {.busy_op = NO_OP};
    verdict->history = history;
    model_init(&replay.model, history, verdict);
    find_backbone(&replay);
    check_watches(&replay.model, replay.backbone);
    resolve(&replay.model);
    add_facts(&replay);
    add_events(&replay);
    sort_all(&replay);
    check_backbone(&replay);
    for (uint64_t at; (at = next_position(&replay)) != UINT64_MAX;)
        do_unit(&replay, at);
    account(&replay.model);
    verdict->operations = replay.operations;
    free(replay.facts);
    free(replay.events);
    free(replay.latest);
    free(replay.event_latest);
    free(replay.backbone);
    model_deinit(&replay.model);
}
