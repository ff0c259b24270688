/* SPDX-License-Identifier: MIT */
/*
 * Requests: frames of a few sessions, whatever they hold, decoded and given to two engines that must
 * tell the same and have the same state: with different hash keys; where the first byte says so, one
 * without indexes and one in which they come and go all the time.
 *
 * After the first byte an input is records: what happens and in which session (a byte, record_of), an
 * argument (a byte); of a request, the size of its body (a byte; from 240 on the next one is added
 * to it eight times) and the body.
 */
#include "contrib/fuzz/fuzz.h"
#include "protocol/limits.h"
#include "space/engine.h"

const unsigned fuzz_replays = 4000;

enum { SESSIONS = 4, RECORDS_MOST = 100, OBJECTS_MOST = 20000 };

struct engines {
    struct engine *list[2];
    bool indexes; /* only one has them: what tells of them is not asked */
    uint64_t now_ns, made;
    uint64_t sessions[SESSIONS], delivered[SESSIONS];
    struct effects effects;
    struct buffer told[2];
};

/* --- Effects as bytes --- */

static void add(struct buffer *told, uint64_t number)
{
    buffer_append(told, &number, sizeof number);
}

/* A piece of the effects' text; there is none at all where nobody has said anything. */
static void add_text(struct buffer *told, const struct effects *effects, uint32_t at, uint32_t size)
{
    add(told, size);
    if (size)
        buffer_append(told, effects->text.bytes + at, size);
}

static void add_item(struct buffer *told, const struct effects *effects,
                     const struct effect_item *item)
{
    add(told, stored_id(item->tuple));
    add(told, item->of);
    buffer_append(told, item->tuple->bytes, stored_size(item->tuple));
    if (!item->detail)
        return;
    struct effect_detail detail = effects->details[item->detail - 1];
    if (detail.has & ITEM_HAS(PROGRAM))
        add_text(told, effects, detail.program, detail.program_size);
    if (detail.has & ITEM_HAS(HOLDER_PROGRAM))
        add_text(told, effects, detail.holder_program, detail.holder_program_size);
    const uint64_t numbers[] = {detail.has,         detail.returns,      detail.reason,
                                detail.exit_status, detail.token.number, detail.token.secret,
                                detail.uid,         detail.pid,          detail.state,
                                detail.age_us,      detail.left_us,      detail.holder};
    buffer_append(told, numbers, sizeof numbers);
}

static void add_row(struct buffer *told, const struct space_row *row)
{
    buffer_append(told, row->name.bytes, row->name.size);
    buffer_append(told, row->dead_letter.bytes, row->dead_letter.size);
    const uint64_t numbers[] = {row->tuples,  row->bytes,   row->waiting,  row->kept,
                                row->delayed, row->watches, row->capacity, row->max_returns};
    buffer_append(told, numbers, sizeof numbers);
}

static void add_effect(struct buffer *told, const struct effects *effects,
                       const struct effect *effect)
{
    const uint64_t numbers[] = {
        effect->kind,       effect->op,       effect->status,   effect->event,
        effect->more,       effect->has_next, effect->repeated, effect->alternative,
        effect->session,    effect->number,   effect->since,    effect->at,
        effect->value,      effect->delivery, effect->next.id,  (uint64_t)effect->next.priority,
        effect->item_count, effect->row_count};
    buffer_append(told, numbers, sizeof numbers);
    for (uint32_t i = 0; i < effect->item_count; i++)
        add_item(told, effects, &effects->items[effect->items + i]);
    for (uint32_t i = 0; i < effect->row_count; i++)
        add_row(told, &effects->rows[effect->rows + i]);
    if (effect->kind == EFFECT_REFUSED) {
        const char *text = (const char *)effects->text.bytes + effect->text;
        buffer_append(told, text, strlen(text));
    }
    add_text(told, effects, effect->text, effect->text_size);
}

/* --- Steps --- */

static void notice_delivery(struct engines *engines, const struct effect *effect)
{
    for (int i = 0; i < SESSIONS; i++)
        if (engines->sessions[i] == effect->session && effect->delivery)
            engines->delivered[i] = effect->delivery;
}

static void step(struct engines *engines, const struct command *command)
{
    for (int which = 0; which < 2; which++) {
        struct effects *effects = &engines->effects;
        buffer_clear(&engines->told[which]);
        engine_step(engines->list[which], engines->now_ns, command, effects);
        for (uint32_t i = 0; i < effects->count; i++) {
            add_effect(&engines->told[which], effects, &effects->list[i]);
            notice_delivery(engines, &effects->list[i]);
        }
        effects_clear(engines->list[which], effects);
    }
    FUZZ_CHECK(
        engines->told[0].size == engines->told[1].size &&
            (engines->told[0].size == 0 ||
             memcmp(engines->told[0].bytes, engines->told[1].bytes, engines->told[0].size) == 0),
        "two engines tell otherwise");
}

static void come(struct engines *engines, int which)
{
    static const uint8_t program[] = "fuzz";
    engines->sessions[which] = ++engines->made;
    engines->delivered[which] = 0;
    step(engines, &(struct command){.kind = COMMAND_COMES,
                                    .session = engines->made,
                                    .user = which == SESSIONS - 1 ? 8 : 7,
                                    .pid = (uint32_t)which,
                                    .program = {program, which ? sizeof program - 1 : 0}});
}

static void end(struct engines *engines, int which, uint8_t how)
{
    step(engines, &(struct command){.kind = COMMAND_ENDS,
                                    .session = engines->sessions[which],
                                    .ack = how & 4 ? engines->delivered[which] : 0,
                                    .goodbye = (how & 3) == 1,
                                    .stop = (how & 3) == 2});
    come(engines, which);
}

/* Nanoseconds: none, some, or a power of two. */
static void tick(struct engines *engines, uint8_t how)
{
    const uint64_t due = engine_due(engines->list[0]);
    if (how < 64 && due != UINT64_MAX && due > engines->now_ns)
        engines->now_ns = due;
    else
        engines->now_ns += how < 128 ? how * UINT64_C(50000) : UINT64_C(1) << (how % 48);
    step(engines, &(struct command){.kind = COMMAND_TICK});
}

static void other(struct engines *engines, int which, uint8_t how)
{
    static const enum command_kind kinds[] = {COMMAND_ACK, COMMAND_ACK, COMMAND_READS, COMMAND_GAP};
    step(engines, &(struct command){.kind = kinds[how & 3],
                                    .session = engines->sessions[which],
                                    .ack = (how & 3) < 2 ? engines->delivered[which] : 0});
}

/* --- Requests --- */

/* What the server does not give to the engine, and what would only take long. */
static bool is_asked(const struct engines *engines, int which, const struct request *request)
{
    if (request->number == 0 || request->op == TSD_OP_CLOSE ||
        engine_waits(engines->list[0], engines->sessions[which], request->number))
        return false;
    if (engines->indexes && (request->op == TSD_OP_STATS || request->op == TSD_OP_EXPLAIN))
        return false;
    return request->op != TSD_OP_COPY || engine_objects(engines->list[0]) < OBJECTS_MOST;
}

static struct frame take_frame(struct fuzz_input *input)
{
    size_t size = fuzz_byte(input);
    if (size >= 240)
        size += (size_t)8 * fuzz_byte(input);
    if (size > input->left)
        size = input->left;
    const struct frame frame = {fuzz_copy(input->at, size), size};
    input->at += size;
    input->left -= size;
    return frame;
}

static void ask(struct engines *engines, int which, uint8_t how, struct fuzz_input *input)
{
    static struct pattern_room room;
    static struct request request;
    struct problem problem;
    const struct frame frame = take_frame(input);
    room.used = 0;
    if (request_decode(&frame, &room, &request, &problem) == 0 &&
        is_asked(engines, which, &request)) {
        if (request.ack > engines->delivered[which])
            request.ack = how & 1 ? engines->delivered[which] : 0;
        engines->now_ns += how;
        step(engines, &(struct command){.kind = COMMAND_REQUEST,
                                        .session = engines->sessions[which],
                                        .ack = request.ack,
                                        .random = {5, 6},
                                        .request = &request,
                                        .frame = frame});
    }
    free((void *)frame.body);
}

static void record(struct engines *engines, struct fuzz_input *input)
{
    const uint8_t what = fuzz_byte(input), how = fuzz_byte(input);
    const int which = what % SESSIONS;
    switch (what / SESSIONS % 8) {
    case 0:
        end(engines, which, how);
        break;
    case 1:
        tick(engines, how);
        break;
    case 2:
        other(engines, which, how);
        break;
    default:
        ask(engines, which, how, input);
    }
}

/* --- Beginning and end --- */

static void begin(struct engines *engines, uint8_t flags)
{
    memset(engines, 0, sizeof *engines);
    engines->indexes = flags & 1;
    for (int i = 0; i < 2; i++) {
        struct engine_options options = {.key = {flags, (uint64_t)i + 1},
                                         .piece = engines->indexes ? 0 : flags >> 5,
                                         .unit = flags & 4 ? 3 : 0,
                                         .reply_bytes = flags & 2 ? 24 : 0};
        options.index = (struct index_options){
            .off = engines->indexes && i == 0, .free = UINT32_MAX, .walk = 1, .idle = 40};
        engines->list[i] = engine_new(&options);
    }
    for (int i = 0; i < SESSIONS; i++)
        come(engines, i);
}

static void finish(struct engines *engines)
{
    FUZZ_CHECK(engine_state_hash(engines->list[0]) == engine_state_hash(engines->list[1]),
               "the states differ");
    for (int i = 0; i < 2; i++) {
        engine_check(engines->list[i]);
        effects_deinit(engines->list[i], &engines->effects);
        engine_free(engines->list[i]);
        buffer_deinit(&engines->told[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct engines engines;
    struct fuzz_input input = {bytes, size};
    begin(&engines, fuzz_byte(&input));
    for (int i = 0; i < RECORDS_MOST && input.left > 0; i++) {
        record(&engines, &input);
        if (i % 8 == 7)
            engine_check(engines.list[1]);
    }
    finish(&engines);
    return 0;
}
