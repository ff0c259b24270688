/* SPDX-License-Identifier: MIT */
#include "server/answer.h"

#include "protocol/reply.h"

static void answer_extras(const struct answer *answer, struct reply_extras *extras)
{
    const struct effect *effect = answer->effect;

    if (answer->positions && effect->kind != EFFECT_REFUSED) {
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
}

/* Appends one tuple of an answer; returns the bytes that are shared, not copied. */
static size_t answer_item(struct outbox *outbox, struct engine *engine, const struct effect *effect,
                          const struct effect_item *from)
{
    struct stored *tuple = from->tuple;
    struct item item = {.id = tuple->id, .tuple = {tuple->bytes, tuple->size}};
    size_t shared = 0;

    if (tuple->returns) {
        item.has |= ITEM_HAS(RETURNS);
        item.returns = tuple->returns;
    }
    if (from->of && effect->item_count > 1) {
        item.has |= ITEM_HAS(OF);
        item.of = from->of;
    }
    if (tuple->priority && effect->op == TSD_OP_SCAN) {
        item.has |= ITEM_HAS(ITEM_PRIORITY);
        item.priority = tuple->priority;
    }
    if (tuple->size < OUTBOX_SHARE) {
        reply_item(&outbox->copied, &item);
        return 0;
    }
    reply_item_begin(&outbox->copied, &item);
    engine_ref(engine, tuple);
    outbox_share(outbox, tuple->bytes, tuple->size, tuple);
    shared = tuple->size;
    reply_item_end(&outbox->copied, &item);
    return shared;
}

static size_t answer_items(struct outbox *outbox, struct engine *engine,
                           const struct answer *answer)
{
    const struct effect *effect = answer->effect;
    const struct effect_item *items = answer->effects->items + effect->items;
    size_t shared = 0;

    reply_array(&outbox->copied, effect->item_count);
    for (uint32_t i = 0; i < effect->item_count; i++)
        shared += answer_item(outbox, engine, effect, &items[i]);
    return shared;
}

static void answer_rows(struct outbox *outbox, const struct answer *answer)
{
    const struct effect *effect = answer->effect;

    reply_array(&outbox->copied, effect->row_count);
    for (uint32_t i = 0; i < effect->row_count; i++)
        reply_space_row(&outbox->copied, &answer->effects->rows[effect->rows + i]);
}

/* The result of a request that was done; returns the bytes that are shared. */
static size_t answer_result(struct outbox *outbox, struct engine *engine,
                            const struct answer *answer)
{
    switch (answer->effect->op) {
    case TSD_OP_OUT:
    case TSD_OP_COUNT:
        reply_uint(&outbox->copied, answer->effect->value);
        return 0;
    case TSD_OP_IN:
    case TSD_OP_RD:
    case TSD_OP_SCAN:
        return answer_items(outbox, engine, answer);
    case TSD_OP_SPACES:
        answer_rows(outbox, answer);
        return 0;
    default:
        reply_nil(&outbox->copied);
        return 0;
    }
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
    if (shared == 0)
        frame_end(out, begun);
    else if (!out->failed)
        frame_write_head(out->bytes + begun, (uint32_t)(out->size - begun - FRAME_HEAD + shared));
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
