/* SPDX-License-Identifier: MIT */
/* What is due (rule S5): each a unit, in the order of time, then kind, then id, hold or since. */
#include "naive_state.h"

enum due_kind { DUE_WAKE, DUE_HOLD, DUE_EXPIRY, DUE_TIMEOUT, DUE_KEY };

struct due {
    uint64_t time;
    enum due_kind kind;
    uint64_t number;
    struct tuple *tuple;
    struct wait *wait;
    struct key *key;
};

static void consider(struct due *first, const struct due *due)
{
    if (due->time < first->time ||
        (due->time == first->time &&
         (due->kind < first->kind || (due->kind == first->kind && due->number < first->number))))
        *first = *due;
}

/* Nobody sees the end of the life of a tuple that is kept: that is looked at when it comes back. */
static void consider_tuple(struct due *first, struct tuple *tuple)
{
    if (tuple->state == TSD_STATE_DELAYED)
        consider(first, &(struct due){tuple->wake, DUE_WAKE, tuple->id, tuple, NULL, NULL});
    if (tuple->state == TSD_STATE_HELD)
        consider(first, &(struct due){tuple->hold_end, DUE_HOLD, tuple->hold, tuple, NULL, NULL});
    if (!naive_is_kept(tuple))
        consider(first, &(struct due){tuple->life_end, DUE_EXPIRY, tuple->id, tuple, NULL, NULL});
}

static struct due first_due(const struct naive *naive)
{
    struct due first = {.time = NEVER};
    for (int i = 0; i < naive->tuple_count; i++)
        consider_tuple(&first, naive->tuples[i]);
    for (int i = 0; i < naive->wait_count; i++)
        consider(&first, &(struct due){naive->waits[i]->deadline, DUE_TIMEOUT,
                                       naive->waits[i]->since, NULL, naive->waits[i], NULL});
    for (int i = 0; i < naive->key_count; i++)
        consider(&first, &(struct due){.time = naive->keys[i].end,
                                       .kind = DUE_KEY,
                                       .number = naive->keys[i].value,
                                       .key = &naive->keys[i]});
    return first;
}

/* One whose life is over by now is not shown any more. */
static void wake(struct naive *naive, struct tuple *tuple)
{
    if (tuple->life_end <= naive->now) {
        naive_tuple_gone(naive, tuple);
        return;
    }
    tuple->state = TSD_STATE_STORED;
    naive_tell_watches(naive, tuple->was_kept ? TSD_EVENT_RETURNED : TSD_EVENT_PUT, tuple);
    tuple->was_kept = false;
}

static void expire(struct naive *naive, struct tuple *tuple)
{
    if (tuple->state == TSD_STATE_STORED)
        naive_tell_watches(naive, TSD_EVENT_EXPIRED, tuple);
    naive_tuple_gone(naive, tuple);
}

static void do_due(struct naive *naive, const struct due *due)
{
    if (due->kind != DUE_KEY) /* which nobody sees go */
        naive_unit_begin(naive);
    switch (due->kind) {
    case DUE_WAKE:
        wake(naive, due->tuple);
        break;
    case DUE_HOLD:
        naive_tuple_back(naive, due->tuple, &(struct comes_back){.reason = TSD_REASON_HOLD_OVER});
        break;
    case DUE_EXPIRY:
        expire(naive, due->tuple);
        break;
    case DUE_TIMEOUT:
        naive_say_end(naive, due->wait, TS_TIMEOUT);
        naive_wait_end(naive, due->wait);
        break;
    case DUE_KEY:
        *due->key = naive->keys[--naive->key_count];
        break;
    }
}

void naive_step_begin(struct naive *naive, uint64_t now, struct buffer *trace)
{
    naive->now = now;
    naive->trace = trace;
    for (struct due due = first_due(naive); due.time <= now; due = first_due(naive)) {
        do_due(naive, &due);
        naive_settle(naive);
    }
}

uint64_t naive_due(const struct naive *naive)
{
    return first_due(naive).time;
}
