/* SPDX-License-Identifier: MIT */
#include "recording.h"

#include <stdio.h>
#include <stdlib.h>

#include "history/read_frame.h"
#include "protocol/reply.h"

void recording_init(struct recording *recording)
{
    *recording = (struct recording){.history = history_new()};
}

void recording_deinit(struct recording *recording)
{
    recording->history = history_free(recording->history);
}

/* --- Sessions --- */

static int session_of(const struct recording *recording, uint64_t number)
{
    const struct history *history = recording->history;
    for (size_t i = history->session_count; i-- > 0;)
        if (history->sessions[i].number == number)
            return (int)i;
    return -1;
}

void recording_comes(struct recording *recording, uint64_t session)
{
    history_session(recording->history,
                    (struct session){.client = (uint32_t)session, .number = session});
}

void recording_ends(struct recording *recording, uint64_t session, bool goodbye)
{
    struct history *history = recording->history;
    const int which = session_of(recording, session);
    struct session *told = &history->sessions[which];
    told->end = goodbye ? SESSION_GOODBYE : SESSION_LOST;
    told->end_low_ns = told->end_ns = recording->now_ns;
    if (!goodbye)
        return;
    struct op *op = history_op(history, which, TSD_OP_CLOSE);
    op->answered = true;
    op->call_ns = op->answer_ns = recording->now_ns;
}

/* --- Requests --- */

void recording_asks(struct recording *recording, uint64_t session, const struct frame *frame)
{
    char why[512];
    struct op *op = history_read_request(recording->history, session_of(recording, session),
                                         frame->body, frame->size, why);
    if (!op) {
        (void)fprintf(stderr, "%s\n", why);
        abort();
    }
    op->call_ns = recording->now_ns;
}

static int op_of(const struct recording *recording, uint64_t session, uint64_t number)
{
    const struct history *history = recording->history;
    for (size_t i = history->op_count; i-- > 0;) {
        const struct op *op = &history->ops[i];
        if (op->number == number && history->sessions[op->session].number == session)
            return (int)i;
    }
    (void)fprintf(stderr, "an answer to request %llu of session %llu, which was not asked\n",
                  (unsigned long long)number, (unsigned long long)session);
    abort();
}

void recording_calm(struct recording *recording, uint64_t position)
{
    recording->history->calm_at = position;
}

void recording_close(struct recording *recording)
{
    struct history *history = recording->history;
    for (size_t i = 0; i < history->op_count; i++) {
        struct op *op = &history->ops[i];
        if (op->answered || op->kind == TSD_OP_WATCH)
            continue;
        *op = (struct op){.session = op->session, /* as if it had not been asked */
                          .kind = TSD_OP_PING,
                          .number = op->number,
                          .call_ns = op->call_ns,
                          .answer_ns = op->call_ns,
                          .answered = true,
                          .space = NO_SPACE,
                          .to = NO_SPACE,
                          .dead_letter = NO_SPACE};
    }
}

/* --- Answers --- */

static struct told told_of(struct history *history, const struct effects *effects,
                           const struct effect_item *item)
{
    static const struct effect_detail none;
    const struct effect_detail *detail = item->detail ? &effects->details[item->detail - 1] : &none;
    return (struct told){.id = stored_id(item->tuple),
                         .tuple =
                             history_copy(history, item->tuple->bytes, stored_size(item->tuple)),
                         .returns = detail->has & ITEM_HAS(RETURNS) ? detail->returns : 0,
                         .of = item->of,
                         .priority = stored_priority(item->tuple),
                         .state = detail->has & ITEM_HAS(STATE) ? detail->state : 0,
                         .reason = detail->has & ITEM_HAS(REASON) ? detail->reason : 0,
                         .has_token = detail->has & ITEM_HAS(TOKEN),
                         .token = detail->token};
}

static void answered(struct recording *recording, const struct effects *effects,
                     const struct effect *effect)
{
    struct history *history = recording->history;
    struct op *op = &history->ops[op_of(recording, effect->session, effect->number)];
    op->answered = true;
    op->placed = effect->since != 0;
    op->status = (enum ts_status)effect->status;
    op->since = effect->since;
    op->at = effect->at;
    op->answer_ns = recording->now_ns;
    op->value = effect->value;
    op->delivery = effect->delivery;
    op->repeated = effect->repeated;
    op->more = effect->has_next;
    op->next = effect->next;
    op->item_count = effect->item_count;
    op->items = history_alloc(history, (effect->item_count + 1) * sizeof *op->items);
    for (uint32_t i = 0; i < effect->item_count; i++)
        op->items[i] = told_of(history, effects, &effects->items[effect->items + i]);
}

static void happened(struct recording *recording, const struct effects *effects,
                     const struct effect *effect)
{
    struct happening *event = history_event(recording->history);
    event->watch = op_of(recording, effect->session, effect->number);
    event->kind = (enum tsd_event)effect->event;
    event->at = effect->at;
    event->time_ns = recording->now_ns;
    if (effect->item_count > 0)
        event->told = told_of(recording->history, effects, &effects->items[effect->items]);
}

void recording_told(struct recording *recording, const struct effects *effects)
{
    for (uint32_t i = 0; i < effects->count; i++) {
        if (effects->list[i].kind == EFFECT_EVENT)
            happened(recording, effects, &effects->list[i]);
        else
            answered(recording, effects, &effects->list[i]);
    }
}
