/* SPDX-License-Identifier: MIT */
#include "server/answer.h"

#include "protocol/reply.h"

/* rule S35: what was refused before it was taken up has no position */
static bool answer_has_positions(const struct answer *answer)
{
    return answer->positions && answer->effect->since;
}

static void answer_extras(const struct answer *answer, struct reply_extras *extras)
{
    const struct effect *effect = answer->effect;

    if (answer_has_positions(answer)) {
        extras->has |= REPLY_HAS(SINCE) | REPLY_HAS(AT);
        extras->since = effect->since;
        extras->at = effect->at;
    }
    if (answer->delivery) {
        extras->has |= REPLY_HAS(DELIVERY);
        extras->delivery = answer->delivery;
    }
    if (effect->more) {
        extras->has |= REPLY_HAS(MORE);
        extras->more = true;
    }
    if (effect->alternative) {
        extras->has |= REPLY_HAS(ALTERNATIVE);
        extras->alternative = effect->alternative;
    }
    if (effect->has_next) {
        extras->has |= REPLY_HAS(NEXT);
        extras->next = effect->next;
    }
    if (effect->repeated) {
        extras->has |= REPLY_HAS(REPEATED);
        extras->repeated = true;
    }
    if (effect->op == TSD_OP_ATOMIC && effect->value) {
        extras->has |= REPLY_HAS(FIRST);
        extras->first = effect->value;
    }
}

static struct span answer_text(const struct effects *effects, uint32_t at, uint32_t size)
{
    if (size == 0) /* there may be no text at all */
        return (struct span){NULL, 0};
    return (struct span){effects->text.bytes + at, size};
}

/* What is told of a tuple beside itself. */
static void answer_detail(const struct effects *effects, const struct effect_item *from,
                          struct item *item)
{
    const struct effect_detail *detail = &effects->details[from->detail - 1];

    item->has = detail->has;
    item->returns = detail->returns;
    item->token = detail->token;
    item->reason = detail->reason;
    item->exit_status = detail->exit_status;
    item->uid = detail->uid;
    item->pid = detail->pid;
    item->program = answer_text(effects, detail->program, detail->program_size);
    item->age_us = detail->age_us;
    item->state = detail->state;
    item->holder = detail->holder;
    item->left_us = detail->left_us;
    item->holder_pid = detail->holder_pid;
    item->holder_program =
        answer_text(effects, detail->holder_program, detail->holder_program_size);
}

/* Whether an item says which alternative or guard it is of: an atomic's always where there are
 * several, so that it need not be guessed which were absent. */
static bool answer_tells_of(const struct effect *effect, const struct effect_item *from)
{
    if (effect->op == TSD_OP_ATOMIC)
        return effect->item_count > 1 || from->of;
    return from->of && effect->item_count > 1;
}

/*
 * Only what `has` names need be set: most items have nothing beside the tuple, and clearing the whole
 * would be most of their cost.
 */
static void answer_fill(const struct answer *answer, const struct effect_item *from,
                        struct item *item)
{
    const struct stored *tuple = from->tuple;
    const struct effect *effect = answer->effect;

    item->id = stored_id(tuple);
    item->tuple = (struct span){tuple->bytes, stored_size(tuple)};
    item->has = 0;
    if (from->detail)
        answer_detail(answer->effects, from, item);
    if ((from->of || effect->op == TSD_OP_ATOMIC) && answer_tells_of(effect, from)) {
        item->has |= ITEM_HAS(OF);
        item->of = from->of;
    }
    if (stored_priority(tuple) && (effect->op == TSD_OP_SCAN || effect->op == TSD_OP_WATCH)) {
        item->has |= ITEM_HAS(ITEM_PRIORITY);
        item->priority = stored_priority(tuple);
    }
}

/* Appends a tuple's bytes that stay where they are; returns how many. */
static size_t answer_share(struct outbox *outbox, struct engine *engine, struct stored *tuple)
{
    engine_ref(engine, tuple);
    outbox_share(outbox, tuple->bytes, stored_size(tuple), tuple);
    return stored_size(tuple);
}

/* Appends one tuple of an answer; returns the bytes that are shared, not copied. */
static size_t answer_item(struct outbox *outbox, struct engine *engine, const struct answer *answer,
                          const struct effect_item *from)
{
    struct item item;
    size_t shared;

    answer_fill(answer, from, &item);
    if (item.tuple.size < OUTBOX_SHARE) {
        reply_item(&outbox->copied, &item);
        return 0;
    }
    reply_item_begin(&outbox->copied, &item);
    shared = answer_share(outbox, engine, from->tuple);
    reply_item_end(&outbox->copied, &item);
    return shared;
}

static size_t answer_items(struct outbox *outbox, struct engine *engine,
                           const struct answer *answer)
{
    const struct effect *effect = answer->effect;
    size_t shared = 0;

    reply_array(&outbox->copied, effect->item_count);
    for (uint32_t i = 0; i < effect->item_count; i++)
        shared += answer_item(outbox, engine, answer, &answer->effects->items[effect->items + i]);
    return shared;
}

static void answer_rows(struct outbox *outbox, const struct answer *answer)
{
    const struct effect *effect = answer->effect;

    reply_array(&outbox->copied, effect->row_count);
    for (uint32_t i = 0; i < effect->row_count; i++)
        reply_space_row(&outbox->copied, &answer->effects->rows[effect->rows + i]);
}

/* What the engine wrote as MessagePack. */
static void answer_report(struct outbox *outbox, const struct answer *answer)
{
    const struct effect *effect = answer->effect;

    buffer_append(&outbox->copied, answer->effects->text.bytes + effect->text, effect->text_size);
}

static size_t answer_explained(struct outbox *outbox, struct engine *engine,
                               const struct answer *answer)
{
    size_t shared;

    reply_array(&outbox->copied, 2);
    shared = answer_items(outbox, engine, answer);
    answer_report(outbox, answer);
    return shared;
}

/* The result of a request that was done; returns the bytes that are shared. */
static size_t answer_result(struct outbox *outbox, struct engine *engine,
                            const struct answer *answer)
{
    switch (answer->effect->op) {
    case TSD_OP_OUT:
    case TSD_OP_FINISH:
    case TSD_OP_COUNT:
    case TSD_OP_COLLECT:
    case TSD_OP_COPY:
        reply_uint(&outbox->copied, answer->effect->value);
        return 0;
    case TSD_OP_IN:
    case TSD_OP_RD:
    case TSD_OP_HOLD:
    case TSD_OP_ATOMIC:
    case TSD_OP_SCAN:
        return answer_items(outbox, engine, answer);
    case TSD_OP_SPACES:
        answer_rows(outbox, answer);
        return 0;
    case TSD_OP_STATS:
        answer_report(outbox, answer);
        return 0;
    case TSD_OP_EXPLAIN:
        return answer_explained(outbox, engine, answer);
    default:
        reply_nil(&outbox->copied);
        return 0;
    }
}

/* The frame that begins there is complete, but for so many bytes that are shared. */
static void answer_end(struct buffer *out, size_t begun, size_t shared)
{
    if (shared == 0)
        frame_end(out, begun);
    else if (!out->failed)
        frame_write_head(out->bytes + begun, (uint32_t)(out->size - begun - FRAME_HEAD + shared));
}

void answer_write(struct outbox *outbox, struct engine *engine, const struct answer *answer)
{
    const struct effect *effect = answer->effect;
    struct reply_extras extras = {0};
    struct buffer *out = &outbox->copied;
    size_t begun = frame_begin(out), shared = 0;

    answer_extras(answer, &extras);
    reply_begin(out, effect->number, effect->status, extras.has != 0);
    if (effect->kind == EFFECT_REFUSED)
        reply_text(out, (const char *)answer->effects->text.bytes + effect->text);
    else if (effect->status == TS_OK)
        shared = answer_result(outbox, engine, answer);
    else
        reply_nil(out);
    reply_end(out, extras.has ? &extras : NULL);
    answer_end(out, begun, shared);
}

/* Appends the event; returns the bytes that are shared. */
static size_t answer_one_event(struct outbox *outbox, struct engine *engine,
                               const struct answer *answer)
{
    const struct effect *effect = answer->effect;
    const struct effect_item *from = NULL;
    struct event event;
    size_t shared = 0;

    event.kind = effect->event;
    event.has_at = answer->positions;
    event.at = effect->at;
    event.item.tuple.size = event.item.has = 0;
    if (effect->item_count) {
        from = &answer->effects->items[effect->items];
        answer_fill(answer, from, &event.item);
    }
    if (event.item.tuple.size < OUTBOX_SHARE) {
        reply_event(&outbox->copied, &event);
        return 0;
    }
    reply_event_begin(&outbox->copied, &event);
    shared = answer_share(outbox, engine, from->tuple);
    reply_event_end(&outbox->copied, &event);
    return shared;
}

void answer_event(struct outbox *outbox, struct engine *engine, const struct answer *answer)
{
    struct buffer *out = &outbox->copied;
    size_t begun = frame_begin(out), shared;

    reply_begin(out, answer->effect->number, TS_OK, false);
    reply_array(out, 1);
    shared = answer_one_event(outbox, engine, answer);
    reply_end(out, NULL);
    answer_end(out, begun, shared);
}

void answer_gap(struct outbox *outbox, const struct answer *answer)
{
    struct effect gap = {.kind = EFFECT_EVENT,
                         .op = TSD_OP_WATCH,
                         .event = TSD_EVENT_GAP,
                         .number = answer->effect->number,
                         .at = answer->effect->at};

    answer_event(outbox, NULL,
                 &(struct answer){&gap, answer->effects, 0, answer_has_positions(answer)});
}

struct answer_size answer_size(const struct effect *effect, const struct effects *effects)
{
    struct answer_size size = {.copied = effect->text_size};

    for (uint32_t i = 0; i < effect->item_count; i++) {
        uint32_t bytes = stored_size(effects->items[effect->items + i].tuple);

        if (bytes < OUTBOX_SHARE)
            size.copied += bytes;
        else
            size.shared += bytes;
    }
    return size;
}

void answer_uint(struct outbox *outbox, uint64_t number, uint64_t value)
{
    struct buffer *out = &outbox->copied;
    size_t begun = frame_begin(out);

    reply_begin(out, number, TS_OK, false);
    reply_uint(out, value);
    reply_end(out, NULL);
    frame_end(out, begun);
}

void answer_plain(struct outbox *outbox, uint64_t number, enum ts_status status, const char *text)
{
    struct buffer *out = &outbox->copied;
    size_t begun = frame_begin(out);

    reply_begin(out, number, status, false);
    if (text)
        reply_text(out, text);
    else
        reply_nil(out);
    reply_end(out, NULL);
    frame_end(out, begun);
}
