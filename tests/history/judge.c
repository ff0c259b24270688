/* SPDX-License-Identifier: MIT */
#include "history/judge.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_OPS = 40, MOST_SESSIONS = 24, MOST_HOLDS = 64, MOST_NODES = 300000 };

struct node {
    bool taken_up[MOST_OPS], done[MOST_OPS], ended[MOST_SESSIONS];
    uint64_t deliveries[MOST_SESSIONS];
    uint64_t hold_of[MOST_HOLDS]; /* the simulation's, by the number that was told */
    size_t events[SIM_SPACES];    /* how many of each space have come */
    struct sim sim;
};

struct trial {
    const struct sim_history *made;
    struct sim_history *witness, scratch;
    size_t events[SIM_SPACES][256]; /* by space: their indices */
    size_t event_count[SIM_SPACES];
    size_t nodes;
};

static bool search(struct trial *trial, const struct node *node);

static void node_copy(struct node *to, const struct node *from)
{
    memcpy(to, from, offsetof(struct node, sim));
    sim_copy(&to->sim, &from->sim);
}

/* The earliest time at which anything still to come was told. */
static uint64_t upper(const struct trial *trial, const struct node *node)
{
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < trial->made->op_count; i++) {
        const struct sim_op *op = &trial->made->ops[i];
        if (op->answered && !node->done[i] && op->answer_ns < least)
            least = op->answer_ns;
    }
    for (int space = 0; space < SIM_SPACES; space++)
        for (size_t i = node->events[space]; i < trial->event_count[space]; i++)
            if (trial->made->events[trial->events[space][i]].time_ns < least)
                least = trial->made->events[trial->events[space][i]].time_ns;
    return least;
}

static bool same_item(const struct sim_item *a, const struct sim_item *b)
{
    return a->number == b->number && a->kind == b->kind && a->space == b->space &&
           a->returns == b->returns;
}

static bool same_answer(const struct sim_op *told, const struct sim_op *done)
{
    if (told->status != done->status || told->repeated != done->repeated ||
        told->item_count != done->item_count || told->delivery != done->delivery)
        return false;
    for (uint32_t i = 0; i < told->item_count; i++)
        if (!same_item(&told->items[i], &done->items[i]))
            return false;
    return true;
}

static void note_witness(struct trial *trial, int index, const struct sim_op *done)
{
    struct sim_op *op = &trial->witness->ops[index];
    op->since = done->since;
    op->at = done->at;
    op->value = done->value;
    for (uint32_t i = 0; i < op->item_count; i++)
        op->items[i].id = done->items[i].id;
}

static bool answers_agree(struct trial *trial, struct node *node, const struct sim_done *done)
{
    for (size_t i = 0; i < done->answer_count; i++) {
        const int index = done->answers[i].op;
        const struct sim_op *told = &trial->made->ops[index], *answer = &done->answers[i].answer;
        node->done[index] = true;
        if (!told->answered)
            continue;
        if (!same_answer(told, answer))
            return false;
        for (uint32_t k = 0; told->op == TSD_OP_HOLD && k < told->item_count; k++)
            if (told->items[k].hold < MOST_HOLDS)
                node->hold_of[told->items[k].hold] = answer->items[k].hold;
        note_witness(trial, index, answer);
    }
    return true;
}

static bool events_agree(struct trial *trial, struct node *node, const struct sim_done *done)
{
    for (size_t i = 0; i < done->event_count; i++) {
        const struct sim_event *event = &done->events[i];
        const uint8_t space = event->item.space;
        if (node->events[space] == trial->event_count[space])
            return false;
        const size_t index = trial->events[space][node->events[space]++];
        const struct sim_event *told = &trial->made->events[index];
        if (told->kind != event->kind || !same_item(&told->item, &event->item) ||
            (told->kind == TSD_EVENT_RETURNED && told->item.reason != event->item.reason))
            return false;
        trial->witness->events[index].at = event->at;
        trial->witness->events[index].item.id = event->item.id;
    }
    return true;
}

static bool go_on(struct trial *trial, struct node *node, const struct sim_done *done)
{
    return answers_agree(trial, node, done) && events_agree(trial, node, done) &&
           search(trial, node);
}

static bool complete(const struct trial *trial, const struct node *node)
{
    for (size_t i = 0; i < trial->made->op_count; i++)
        if (trial->made->ops[i].answered && !node->done[i])
            return false;
    for (int space = 0; space < SIM_SPACES; space++)
        if (node->events[space] < trial->event_count[space])
            return false;
    return true;
}

/* The next request of each connection, in the order sent. */
static bool try_requests(struct trial *trial, const struct node *node, struct node *next,
                         uint64_t latest)
{
    bool seen[MOST_SESSIONS] = {false};
    for (size_t i = 0; i < trial->made->op_count; i++) {
        const struct sim_op *op = &trial->made->ops[i];
        struct sim_done done;
        if (node->taken_up[i] || seen[op->session] || node->ended[op->session])
            continue;
        seen[op->session] = true;
        if (op->call_ns > latest)
            continue;
        node_copy(next, node);
        next->taken_up[i] = true;
        done.answer_count = done.event_count = 0;
        trial->scratch.ops[i].token = op->token < MOST_HOLDS ? node->hold_of[op->token] : 0;
        sim_take_up(&next->sim, &trial->scratch, (int)i, next->deliveries, &done);
        if (go_on(trial, next, &done))
            return true;
    }
    return false;
}

static bool try_timeouts(struct trial *trial, const struct node *node, struct node *next)
{
    for (size_t i = 0; i < node->sim.wait_count; i++) {
        const int index = node->sim.waits[i].op;
        const struct sim_op *op = &trial->made->ops[index];
        struct sim_done done;
        if (!op->has_timeout || (op->answered && op->status != TS_TIMEOUT))
            continue;
        node_copy(next, node);
        done.answer_count = done.event_count = 0;
        sim_time_out(&next->sim, &trial->scratch, index, &done);
        if (go_on(trial, next, &done))
            return true;
    }
    return false;
}

/* When the hold of this number was asked for, plus its time; UINT64_MAX: it has none. */
static uint64_t hold_end(const struct trial *trial, const struct sim_tuple *tuple)
{
    for (size_t i = 0; i < trial->made->op_count; i++) {
        const struct sim_op *op = &trial->made->ops[i];
        if ((int)i == tuple->by)
            return op->hold_us ? op->call_ns + 1000 * op->hold_us : UINT64_MAX;
    }
    return UINT64_MAX;
}

static bool try_holds(struct trial *trial, const struct node *node, struct node *next,
                      uint64_t latest)
{
    for (size_t i = 0; i < node->sim.tuple_count; i++) {
        const struct sim_tuple *tuple = &node->sim.tuples[i];
        struct sim_done done;
        if (tuple->keeper < 0 || tuple->hold == 0 || hold_end(trial, tuple) > latest)
            continue;
        node_copy(next, node);
        done.answer_count = done.event_count = 0;
        sim_hold_ends(&next->sim, &trial->scratch, tuple->hold, next->deliveries, &done);
        if (go_on(trial, next, &done))
            return true;
    }
    return false;
}

static bool try_ends(struct trial *trial, const struct node *node, struct node *next,
                     uint64_t latest)
{
    for (size_t i = 0; i < trial->made->session_count; i++) {
        const struct sim_session *session = &trial->made->sessions[i];
        struct sim_done done;
        if (node->ended[i] || session->end == SESSION_OPEN || session->end_low_ns > latest)
            continue;
        node_copy(next, node);
        next->ended[i] = true;
        done.answer_count = done.event_count = 0;
        sim_end(&next->sim, &trial->scratch, (int)i, next->deliveries, &done);
        if (go_on(trial, next, &done))
            return true;
    }
    return false;
}

static bool search(struct trial *trial, const struct node *node)
{
    if (complete(trial, node))
        return true;
    if (++trial->nodes > MOST_NODES)
        return false;
    const uint64_t latest = upper(trial, node);
    struct node *next = malloc(sizeof *next);
    const bool found =
        next && (try_requests(trial, node, next, latest) || try_holds(trial, node, next, latest) ||
                 try_ends(trial, node, next, latest) || try_timeouts(trial, node, next));
    free(next);
    return found;
}

static bool times_out_early(const struct sim_history *made)
{
    for (size_t i = 0; i < made->op_count; i++) {
        const struct sim_op *op = &made->ops[i];
        if (op->answered && op->status == TS_TIMEOUT &&
            op->answer_ns - op->call_ns < 1000 * op->timeout_us)
            return true;
    }
    return false;
}

enum judgement judge(const struct sim_history *made, struct sim_history *witness)
{
    struct trial trial = {.made = made, .witness = witness};
    struct node *first = array_new(1, sizeof *first);
    if (made->op_count > MOST_OPS || made->session_count > MOST_SESSIONS ||
        made->event_count > 256) {
        free(first);
        return JUDGED_TOO_LONG;
    }
    sim_history_copy(&trial.scratch, made);
    for (size_t i = 0; i < made->event_count; i++) {
        const uint8_t space = made->events[i].item.space;
        trial.events[space][trial.event_count[space]++] = i;
    }
    sim_init(&first->sim);
    const bool good = !times_out_early(made) && search(&trial, first);
    sim_history_deinit(&trial.scratch);
    free(first);
    if (good)
        return JUDGED_GOOD;
    return trial.nodes > MOST_NODES ? JUDGED_TOO_LONG : JUDGED_BAD;
}
