/* SPDX-License-Identifier: MIT */
#include "history/simulate.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

uint64_t dice_below(struct dice *dice, uint64_t bound)
{
    uint64_t z = dice->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (z ^ z >> 31) % bound;
}

void sim_init(struct sim *sim)
{
    memset(sim, 0, offsetof(struct sim, tuples));
    sim->position = 1;
}

void sim_copy(struct sim *to, const struct sim *from)
{
    memcpy(to, from, offsetof(struct sim, tuples) + from->tuple_count * sizeof from->tuples[0]);
}

static uint64_t take_positions(struct sim *sim, uint64_t count)
{
    const uint64_t at = sim->position;
    sim->position += count ? count : 1;
    return at;
}

static void tell(struct sim_done *done, enum tsd_event kind, const struct sim_item *item,
                 uint64_t at)
{
    assert(done->event_count < sizeof done->events / sizeof done->events[0]);
    done->events[done->event_count++] = (struct sim_event){kind, *item, at, 0};
}

static struct sim_op *answer(const struct sim_history *history, struct sim_done *done, int op,
                             enum ts_status status, uint64_t since, uint64_t at)
{
    assert(done->answer_count < sizeof done->answers / sizeof done->answers[0]);
    done->answers[done->answer_count].op = op;
    struct sim_op *filled = &done->answers[done->answer_count++].answer;
    *filled = history->ops[op];
    filled->answered = true;
    filled->repeated = false;
    filled->status = status;
    filled->since = since;
    filled->at = at;
    filled->value = filled->delivery = filled->item_count = 0;
    return filled;
}

static bool before(const struct sim_item *a, const struct sim_item *b)
{
    return a->priority != b->priority ? a->priority > b->priority : a->id < b->id;
}

static bool is_match(const struct sim_op *op, const struct sim_tuple *tuple)
{
    return tuple->keeper < 0 && tuple->item.space == op->space &&
           (op->kind == ANY_KIND || op->kind == tuple->item.kind);
}

/* The best-placed matches, at most `most`. */
static size_t find(struct sim *sim, const struct sim_op *op, struct sim_tuple **list, size_t most)
{
    size_t count = 0;
    for (size_t i = 0; i < sim->tuple_count; i++) {
        struct sim_tuple *tuple = &sim->tuples[i];
        if (!is_match(op, tuple))
            continue;
        size_t at = count;
        while (at > 0 && before(&tuple->item, &list[at - 1]->item))
            at--;
        if (at >= most)
            continue;
        if (count < most)
            count++;
        memmove(list + at + 1, list + at, (count - 1 - at) * sizeof *list);
        list[at] = tuple;
    }
    return count;
}

static bool try_take(struct sim *sim, const struct sim_history *history, int index, uint64_t since,
                     bool waited, uint64_t *deliveries, struct sim_done *done)
{
    const struct sim_op *op = &history->ops[index];
    struct sim_tuple *list[16];
    const size_t count = find(sim, op, list, op->max);
    if (count < op->min)
        return false;
    const uint64_t at = waited ? take_positions(sim, 1) : since;
    struct sim_op *told = answer(history, done, index, TS_OK, since, at);
    if (op->op == TSD_OP_IN)
        told->delivery = ++deliveries[op->session];
    for (size_t i = 0; i < count; i++) {
        struct sim_item *item = &told->items[told->item_count++];
        *item = list[i]->item;
        if (op->op == TSD_OP_RD)
            continue;
        list[i]->keeper = op->session;
        list[i]->by = index;
        list[i]->delivery = told->delivery;
        list[i]->hold = op->op == TSD_OP_HOLD ? ++sim->holds : 0;
        item->hold = list[i]->hold;
        tell(done, TSD_EVENT_TAKEN, &list[i]->item, at);
    }
    return true;
}

static void drop_wait(struct sim *sim, size_t at)
{
    memmove(sim->waits + at, sim->waits + at + 1, (--sim->wait_count - at) * sizeof *sim->waits);
}

/* Readers first, then the oldest taker, until none can be served (rule S2). */
static void serve(struct sim *sim, const struct sim_history *history, uint64_t *deliveries,
                  struct sim_done *done)
{
    for (bool again = true; again;) {
        again = false;
        for (int taker = 0; taker < 2 && !again; taker++) {
            for (size_t i = 0; i < sim->wait_count && !again; i++) {
                const struct sim_wait wait = sim->waits[i];
                if ((history->ops[wait.op].op == TSD_OP_RD) == (taker == 1))
                    continue;
                again = try_take(sim, history, wait.op, wait.since, true, deliveries, done);
                if (again)
                    drop_wait(sim, i);
            }
        }
    }
}

static void drop_tuple(struct sim *sim, struct sim_tuple *tuple)
{
    *tuple = sim->tuples[--sim->tuple_count];
}

static void put_unit(struct sim *sim, const struct sim_op *op, uint64_t at, struct sim_done *done)
{
    for (uint32_t i = 0; i < op->put_count; i++) {
        assert(sim->tuple_count < SIM_TUPLES);
        struct sim_tuple *tuple = &sim->tuples[sim->tuple_count++];
        *tuple = (struct sim_tuple){.item = {.id = at + i,
                                             .number = op->puts[i],
                                             .kind = op->put_kind,
                                             .space = op->space,
                                             .priority = op->priority},
                                    .keeper = -1};
        tell(done, TSD_EVENT_PUT, &tuple->item, at);
    }
}

static void give_back(struct sim_tuple *tuple, uint64_t at, enum tsd_reason reason,
                      struct sim_done *done)
{
    tuple->keeper = -1;
    tuple->item.returns++;
    tuple->item.reason = (uint8_t)reason;
    tell(done, TSD_EVENT_RETURNED, &tuple->item, at);
}

static struct sim_tuple *held(struct sim *sim, uint64_t hold, int session)
{
    for (size_t i = 0; i < sim->tuple_count; i++)
        if (sim->tuples[i].keeper >= 0 && sim->tuples[i].hold == hold &&
            (session < 0 || sim->tuples[i].keeper == session))
            return &sim->tuples[i];
    return NULL;
}

static void acknowledge(struct sim *sim, int session, uint64_t ack)
{
    for (size_t i = 0; i < sim->tuple_count;) {
        struct sim_tuple *tuple = &sim->tuples[i];
        if (tuple->keeper == session && !tuple->hold && tuple->delivery <= ack)
            drop_tuple(sim, tuple);
        else
            i++;
    }
}

static bool known_key(const struct sim *sim, const struct sim_op *op, uint64_t *value)
{
    for (size_t i = 0; op->key && i < sim->key_count; i++)
        if (sim->keys[i].key == op->key && sim->keys[i].space == op->space) {
            *value = sim->keys[i].value;
            return true;
        }
    return false;
}

static void do_out(struct sim *sim, const struct sim_history *history, int index,
                   struct sim_done *done)
{
    const struct sim_op *op = &history->ops[index];
    uint64_t value;
    if (known_key(sim, op, &value)) {
        const uint64_t at = take_positions(sim, 1);
        struct sim_op *told = answer(history, done, index, TS_OK, at, at);
        told->repeated = true;
        told->value = value;
        return;
    }
    const uint64_t at = take_positions(sim, op->put_count);
    answer(history, done, index, TS_OK, at, at)->value = at;
    put_unit(sim, op, at, done);
    if (op->key && sim->key_count < SIM_KEYS) {
        sim->keys[sim->key_count].key = op->key;
        sim->keys[sim->key_count].space = op->space;
        sim->keys[sim->key_count++].value = at;
    }
}

static void do_settle(struct sim *sim, const struct sim_history *history, int index,
                      struct sim_done *done)
{
    const struct sim_op *op = &history->ops[index];
    struct sim_tuple *tuple = held(sim, op->token, op->session);
    const bool finish = op->op == TSD_OP_FINISH;
    const uint64_t at = take_positions(sim, tuple && finish ? op->put_count : 1);
    struct sim_op *told = answer(history, done, index, tuple ? TS_OK : TS_LATE, at, at);
    if (!tuple)
        return;
    if (!finish) {
        give_back(tuple, at, TSD_REASON_RELEASED, done);
        return;
    }
    drop_tuple(sim, tuple);
    if (op->put_count > 0)
        told->value = at;
    put_unit(sim, op, at, done);
}

static void do_cancel(struct sim *sim, const struct sim_history *history, int index,
                      struct sim_done *done)
{
    const struct sim_op *op = &history->ops[index];
    const uint64_t at = take_positions(sim, 1);
    for (size_t i = 0; i < sim->wait_count; i++) {
        const struct sim_wait wait = sim->waits[i];
        if (history->ops[wait.op].session != op->session ||
            history->ops[wait.op].number != op->target)
            continue;
        answer(history, done, wait.op, TS_CANCELLED, wait.since, take_positions(sim, 1));
        answer(history, done, index, TS_OK, at, at);
        drop_wait(sim, i);
        return;
    }
    answer(history, done, index, TS_NOMATCH, at, at);
}

static void do_match(struct sim *sim, const struct sim_history *history, int index,
                     uint64_t *deliveries, struct sim_done *done)
{
    const struct sim_op *op = &history->ops[index];
    const uint64_t since = take_positions(sim, 1);
    if (try_take(sim, history, index, since, false, deliveries, done))
        return;
    if (op->has_timeout && op->timeout_us == 0) {
        answer(history, done, index, TS_NOMATCH, since, since);
        return;
    }
    assert(sim->wait_count < SIM_WAITS);
    sim->waits[sim->wait_count++] = (struct sim_wait){index, since};
}

static void do_scan(struct sim *sim, const struct sim_history *history, int index,
                    struct sim_done *done)
{
    const struct sim_op *op = &history->ops[index];
    const uint64_t at = take_positions(sim, 1);
    struct sim_tuple *list[17];
    struct sim_op *told = answer(history, done, index, TS_OK, at, at);
    const size_t count = find(sim, op, list, 16);
    for (size_t i = 0; i < count; i++)
        told->items[told->item_count++] = list[i]->item;
}

void sim_take_up(struct sim *sim, const struct sim_history *history, int index,
                 uint64_t *deliveries, struct sim_done *done)
{
    const struct sim_op *op = &history->ops[index];
    acknowledge(sim, op->session, op->ack);
    if (op->op == TSD_OP_OUT)
        do_out(sim, history, index, done);
    else if (op->op == TSD_OP_CANCEL)
        do_cancel(sim, history, index, done);
    else if (op->op == TSD_OP_FINISH || op->op == TSD_OP_RELEASE)
        do_settle(sim, history, index, done);
    else if (op->op == TSD_OP_SCAN)
        do_scan(sim, history, index, done);
    else
        do_match(sim, history, index, deliveries, done);
    serve(sim, history, deliveries, done);
}

void sim_time_out(struct sim *sim, const struct sim_history *history, int index,
                  struct sim_done *done)
{
    for (size_t i = 0; i < sim->wait_count; i++) {
        if (sim->waits[i].op != index)
            continue;
        answer(history, done, index, TS_TIMEOUT, sim->waits[i].since, take_positions(sim, 1));
        drop_wait(sim, i);
        return;
    }
}

void sim_hold_ends(struct sim *sim, const struct sim_history *history, uint64_t hold,
                   uint64_t *deliveries, struct sim_done *done)
{
    struct sim_tuple *tuple = held(sim, hold, -1);
    if (!tuple)
        return;
    give_back(tuple, take_positions(sim, 1), TSD_REASON_HOLD_OVER, done);
    serve(sim, history, deliveries, done);
}

static struct sim_tuple *first_kept(struct sim *sim, int session)
{
    struct sim_tuple *first = NULL;
    for (size_t i = 0; i < sim->tuple_count; i++) {
        struct sim_tuple *tuple = &sim->tuples[i];
        if (tuple->keeper == session && (!first || before(&tuple->item, &first->item)))
            first = tuple;
    }
    return first;
}

void sim_end(struct sim *sim, const struct sim_history *history, int session, uint64_t *deliveries,
             struct sim_done *done)
{
    const uint64_t at = take_positions(sim, 1);
    for (size_t i = 0; i < sim->wait_count;) {
        if (history->ops[sim->waits[i].op].session == session)
            drop_wait(sim, i);
        else
            i++;
    }
    for (struct sim_tuple *next; (next = first_kept(sim, session)) != NULL;)
        give_back(next, at, TSD_REASON_CONNECTION, done);
    serve(sim, history, deliveries, done);
}

bool sim_waits(const struct sim *sim, int op)
{
    for (size_t i = 0; i < sim->wait_count; i++)
        if (sim->waits[i].op == op)
            return true;
    return false;
}
