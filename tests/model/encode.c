/* SPDX-License-Identifier: MIT */
/* The naive reference's requests in the form of the wire. */
#include <string.h>

#include "generate.h"

static const char *const spaces[NAIVE_SPACES] = {"main", "jobs", "\xc3\xa9t\xc3\xa9", "dead"};
static const char *const strs[] = {"a", "a long string that does not fit into a few bytes"};
static const char *const keys[] = {"", "k", "another key", "\xc3\xa9"};

const char *generate_space_name(int space)
{
    return space < 0 ? "" : spaces[space];
}

static struct span span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, (uint32_t)strlen(text)};
}

static void pack_value(struct buffer *out, const struct naive_value *value)
{
    msgpack_packer packer = buffer_packer(out);
    switch (value->kind) {
    case NAIVE_NIL:
        msgpack_pack_nil(&packer);
        break;
    case NAIVE_BOOL:
        if (value->number)
            msgpack_pack_true(&packer);
        else
            msgpack_pack_false(&packer);
        break;
    case NAIVE_INT:
        msgpack_pack_int64(&packer, value->number);
        break;
    case NAIVE_FLOAT:
        msgpack_pack_double(&packer, (double)value->number);
        break;
    case NAIVE_STR:
        buffer_pack_str(out, strs[value->number], strlen(strs[value->number]));
        break;
    }
}

static void pack_tuple(struct buffer *out, const struct naive_tuple *tuple)
{
    msgpack_packer packer = buffer_packer(out);
    msgpack_pack_array(&packer, (size_t)tuple->fields);
    for (int i = 0; i < tuple->fields; i++)
        pack_value(out, &tuple->values[i]);
}

uint32_t generate_tuple_bytes(const struct naive_tuple *tuple)
{
    struct buffer bytes = BUFFER_INIT;
    pack_tuple(&bytes, tuple);
    const uint32_t size = (uint32_t)bytes.size;
    buffer_deinit(&bytes);
    return size;
}

static void pack_matcher(struct buffer *out, const struct naive_matcher *matcher)
{
    const bool two = matcher->op == TSD_M_RANGE;
    const bool one = matcher->op == TSD_M_EQ || matcher->op == TSD_M_NE || matcher->op == TSD_M_GE;
    msgpack_packer packer = buffer_packer(out);
    msgpack_pack_array(&packer, two ? 3 : one ? 2 : 1);
    msgpack_pack_int(&packer, (int)matcher->op);
    if (one || two)
        pack_value(out, &matcher->value);
    if (two)
        pack_value(out, &matcher->high);
}

static void pack_pattern(struct buffer *out, const struct naive_pattern *pattern)
{
    msgpack_packer packer = buffer_packer(out);
    msgpack_pack_array(&packer, (size_t)pattern->fields + pattern->rest);
    for (int i = 0; i < pattern->fields; i++)
        pack_matcher(out, &pattern->matchers[i]);
    if (pattern->rest) {
        msgpack_pack_array(&packer, 1);
        msgpack_pack_int(&packer, TSD_M_REST);
    }
}

/* --- Tokens and steps --- */

struct secrets {
    secret_of *of;
    void *context;
};

static void pack_token(struct buffer *out, const struct naive_token *from,
                       const struct secrets *secrets)
{
    struct token token = {.delivery = from->delivery, .number = from->number, .secret = from->id};
    if (!from->delivery)
        token.secret = secrets->of(secrets->context, from->number) ^ (from->wrong ? 1 : 0);
    token_encode(&token, out);
}

static void pack_field(struct buffer *out, const struct naive_field *field)
{
    msgpack_packer packer = buffer_packer(out);
    if (!field->takes) {
        msgpack_pack_array(&packer, 2);
        msgpack_pack_int(&packer, TSD_TEMPLATE_VALUE);
        pack_value(out, &field->value);
        return;
    }
    msgpack_pack_array(&packer, field->adds ? 4 : 3);
    msgpack_pack_int(&packer, TSD_TEMPLATE_FIELD);
    msgpack_pack_int(&packer, field->guard);
    msgpack_pack_int(&packer, field->field);
    if (field->adds)
        msgpack_pack_int64(&packer, field->add);
}

static void pack_option(struct buffer *out, enum tsd_option option, int64_t value)
{
    msgpack_packer packer = buffer_packer(out);
    msgpack_pack_int(&packer, (int)option);
    if (option == TSD_OPTION_BOUND || option == TSD_OPTION_PULSE)
        msgpack_pack_true(&packer);
    else
        msgpack_pack_int64(&packer, value);
}

static void pack_putting(struct buffer *out, const struct naive_putting *putting)
{
    msgpack_packer packer = buffer_packer(out);
    size_t count = putting->priority != 0;
    count += putting->ttl_us > 0;
    count += putting->delay_us > 0;
    count += putting->bound;
    count += putting->pulse;
    msgpack_pack_map(&packer, count);
    if (putting->priority != 0)
        pack_option(out, TSD_OPTION_PRIORITY, putting->priority);
    if (putting->delay_us > 0)
        pack_option(out, TSD_OPTION_DELAY, (int64_t)putting->delay_us);
    if (putting->ttl_us > 0)
        pack_option(out, TSD_OPTION_TTL, (int64_t)putting->ttl_us);
    if (putting->bound)
        pack_option(out, TSD_OPTION_BOUND, 1);
    if (putting->pulse)
        pack_option(out, TSD_OPTION_PULSE, 1);
}

static void pack_step(struct buffer *out, const struct naive_request *request,
                      const struct naive_step *step, const struct secrets *secrets)
{
    msgpack_packer packer = buffer_packer(out);
    if (step->finishes) {
        msgpack_pack_array(&packer, 2);
        msgpack_pack_int(&packer, TSD_STEP_FINISH);
        pack_token(out, &step->token, secrets);
        return;
    }
    msgpack_pack_array(&packer, 4);
    msgpack_pack_int(&packer, TSD_STEP_OUT);
    if (step->space == request->space)
        msgpack_pack_nil(&packer);
    else
        buffer_pack_str(out, spaces[step->space], strlen(spaces[step->space]));
    msgpack_pack_array(&packer, (size_t)step->fields);
    for (int i = 0; i < step->fields; i++)
        pack_field(out, &step->template[i]);
    pack_putting(out, &step->putting);
}

/* --- Options --- */

static void encode_putting(const struct naive_putting *from, struct request *to)
{
    to->putting = (struct putting){.priority = from->priority,
                                   .bound = from->bound,
                                   .pulse = from->pulse,
                                   .ttl_us = from->ttl_us,
                                   .delay_us = from->delay_us};
    to->putting.has = (from->priority != 0 ? TSD_HAS(PRIORITY) : 0) |
                      (from->ttl_us ? TSD_HAS(TTL) : 0) | (from->delay_us ? TSD_HAS(DELAY) : 0) |
                      (from->bound ? TSD_HAS(BOUND) : 0) | (from->pulse ? TSD_HAS(PULSE) : 0);
    to->has |= to->putting.has;
}

static void encode_matching(const struct naive_request *from, struct request *to)
{
    if (from->counted)
        to->has |= TSD_HAS(MIN) | TSD_HAS(MAX);
    if (from->op == TSD_OP_SCAN || from->op == TSD_OP_COLLECT || from->op == TSD_OP_COPY)
        to->has &= ~TSD_HAS(MIN);
    if (from->by_id)
        to->has |= TSD_HAS(ID);
    if (from->part_count > 1 && from->op != TSD_OP_ATOMIC)
        to->has |= TSD_HAS(ALTERNATIVES);
    if (from->has_hold_time)
        to->has |= TSD_HAS(HOLD_TIME);
    if (from->detached)
        to->has |= TSD_HAS(DETACHED);
    if (from->reverse)
        to->has |= TSD_HAS(REVERSE);
    if (from->has_cursor)
        to->has |= TSD_HAS(CURSOR);
}

static void encode_space(const struct naive_request *from, struct request *to)
{
    if (from->has_capacity)
        to->has |= TSD_HAS(CAPACITY);
    if (from->has_max_returns)
        to->has |= TSD_HAS(MAX_RETURNS);
    if (from->has_dead_letter)
        to->has |= TSD_HAS(DEAD_LETTER);
    if (from->has_owner)
        to->has |= TSD_HAS(OWNER);
    if (from->has_group)
        to->has |= TSD_HAS(GROUP);
    if (from->has_mode)
        to->has |= TSD_HAS(MODE);
    if (from->existing)
        to->has |= TSD_HAS(EXISTING);
    to->dead_letter = span_of(from->dead_letter < 0 ? "" : spaces[from->dead_letter]);
}

static void encode_flags(const struct naive_request *from, struct request *to)
{
    if (from->has_timeout)
        to->has |= TSD_HAS(TIMEOUT);
    if (from->key)
        to->has |= TSD_HAS(KEY) | TSD_HAS(WINDOW);
    if (from->untried)
        to->has |= TSD_HAS(UNTRIED);
    if (from->has_exit)
        to->has |= TSD_HAS(EXIT);
    if (from->now)
        to->has |= TSD_HAS(NOW);
    if (from->states)
        to->has |= TSD_HAS(STATES);
    if (from->who)
        to->has |= TSD_HAS(WHO);
    if (from->force)
        to->has |= TSD_HAS(FORCE);
    if (from->events != UINT32_MAX)
        to->has |= TSD_HAS(EVENTS);
    if (from->op == TSD_OP_RELEASE && from->delay_us) {
        to->has |= TSD_HAS(DELAY);
        to->putting.has |= TSD_HAS(DELAY);
        to->putting.delay_us = from->delay_us;
    }
    if (from->to >= 0 && (from->op == TSD_OP_COLLECT || from->op == TSD_OP_COPY)) {
        to->has |= TSD_HAS(TO);
        to->to = span_of(spaces[from->to]);
    }
}

static struct request fields_of(const struct naive_request *from)
{
    return (struct request){.number = from->number,
                            .op = from->op,
                            .ack = from->ack,
                            .space = span_of(spaces[from->space]),
                            .tuple_count = (uint32_t)from->tuple_count,
                            .target = from->target,
                            .alternative_count = (uint32_t)from->part_count,
                            .body_count = (uint32_t)from->step_count,
                            .token_count = (uint32_t)from->token_count,
                            .duration_us = from->duration_us,
                            .timeout_us = from->timeout_us,
                            .min = from->min,
                            .max = from->max,
                            .id = from->id,
                            .hold_us = from->hold_us,
                            .detached = from->detached,
                            .key = span_of(keys[from->key]),
                            .window_us = from->window_us,
                            .untried = from->untried,
                            .exit_status = from->exit_status,
                            .now = from->now,
                            .events = from->events,
                            .states = from->states,
                            .who = from->who,
                            .force = from->force,
                            .capacity = from->capacity,
                            .max_returns = from->max_returns,
                            .owner = from->owner,
                            .group = from->group,
                            .mode = from->mode,
                            .existing = from->existing,
                            .cursor = {from->cursor_priority, from->cursor_id},
                            .reverse = from->reverse};
}

/* --- The whole --- */

/* Where the parts stand in the bytes that they are packed into, which may move until the end. */
struct starts {
    uint32_t parts[NAIVE_PARTS + 1], tuples, tokens, body, end;
};

static void pack_all(const struct naive_request *from, const struct secrets *secrets,
                     struct buffer *bytes, struct starts *starts)
{
    for (int i = 0; i < from->part_count; i++) {
        starts->parts[i] = (uint32_t)bytes->size;
        pack_pattern(bytes, &from->parts[i].pattern);
    }
    starts->parts[from->part_count] = starts->tuples = (uint32_t)bytes->size;
    for (int i = 0; i < from->tuple_count; i++)
        pack_tuple(bytes, &from->tuples[i]);
    starts->tokens = (uint32_t)bytes->size;
    for (int i = 0; i < from->token_count; i++)
        pack_token(bytes, &from->tokens[i], secrets);
    starts->body = (uint32_t)bytes->size;
    for (int i = 0; i < from->step_count; i++)
        pack_step(bytes, from, &from->steps[i], secrets);
    starts->end = (uint32_t)bytes->size;
}

void generate_encode(const struct naive_request *from, secret_of *secret, void *context,
                     struct buffer *frame)
{
    struct buffer bytes = BUFFER_INIT;
    struct starts starts;
    struct request to = fields_of(from);
    buffer_reserve(&bytes, 1); /* so that there is a place where nothing is */
    pack_all(from, &(struct secrets){secret, context}, &bytes, &starts);
    const uint8_t *base = bytes.bytes;
    to.tuples = (struct span){base + starts.tuples, starts.tokens - starts.tuples};
    to.tokens = (struct span){base + starts.tokens, starts.body - starts.tokens};
    to.body = (struct span){base + starts.body, starts.end - starts.body};
    for (int i = 0; i < from->part_count; i++) {
        const struct naive_part *part = &from->parts[i];
        to.alternatives[i].space = span_of(spaces[part->space]);
        to.alternatives[i].pattern.bytes = base + starts.parts[i];
        to.alternatives[i].pattern.size = starts.parts[i + 1] - starts.parts[i];
        to.guards[i] =
            (struct guard){part->guard, part->has_hold_time, part->detached, part->hold_us};
    }
    encode_putting(&from->putting, &to);
    encode_matching(from, &to);
    encode_space(from, &to);
    encode_flags(from, &to);
    request_encode(&to, frame);
    buffer_deinit(&bytes);
}
