/* SPDX-License-Identifier: MIT */
/*
 * The guards and the body of an atomic in a scenario.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/scenario_read.h"
#include "protocol/base64.h"
#include "protocol/text_read.h"
#include "protocol/value.h"

/* How `$1.2+3` stands in the text that the notation reads: an ext of this type. */
enum { FIELD_EXT = 100 };

struct field {
    uint32_t guard, field;
    bool adds;
    int64_t add;
};

/* What was said for the next guard or step. */
#define HAS_OF_PUT (TSD_HAS_PUTTING)
#define HAS_OF_HOLD (TSD_HAS(HOLD_TIME) | TSD_HAS(DETACHED))

static void forget_options(struct request *request)
{
    request->has &= ~(HAS_OF_PUT | HAS_OF_HOLD);
    request->putting = (struct putting){0};
    request->hold_us = 0;
    request->detached = false;
}

static void read_guard(struct scenario_reader *reader, enum tsd_guard kind, char **at)
{
    struct request *request = &reader->step->request;
    const uint32_t i = request->alternative_count;
    scenario_pattern(reader, at);
    request->guards[i] = (struct guard){.kind = kind,
                                        .has_hold_time = request->has & TSD_HAS(HOLD_TIME),
                                        .hold_us = request->hold_us,
                                        .detached = request->detached};
    if (i == 0)
        request->space = reader->space;
    forget_options(request);
}

/* Reads `$1.2` or `$1.2+3` at text; returns its end. */
static char *read_field(const struct scenario *scenario, char *text, struct field *field)
{
    char *at = text;
    *field = (struct field){0};
    field->guard = (uint32_t)strtoul(text + 1, &at, 10) - 1;
    if (*at != '.')
        scenario_bad(scenario, "not a guard's field, such as $1.2", text);
    field->field = (uint32_t)strtoul(at + 1, &at, 10) - 1;
    field->adds = *at == '+' || *at == '-';
    if (field->adds)
        field->add = strtoll(at, &at, 10);
    return at;
}

/* The template's text with every field of a guard as an ext, which the notation knows. */
static void hide_fields(struct scenario *scenario, char *text)
{
    struct buffer *out = &scenario->text_buffer;
    bool in_str = false;
    buffer_clear(out);
    while (*text) {
        struct field field;
        in_str ^= *text == '"';
        if (in_str || *text != '$') {
            buffer_append_byte(out, (uint8_t)*text++);
            continue;
        }
        text = read_field(scenario, text, &field);
        buffer_printf(out, "x%d\"", FIELD_EXT);
        base64_encode(&field, sizeof field, out);
        buffer_printf(out, "\"");
    }
}

static void pack_field(struct buffer *out, const uint8_t *at, const uint8_t *end)
{
    msgpack_packer packer = buffer_packer(out);
    struct value value;
    struct field field;
    value_read_trusted(at, &value);
    if (value.type != VALUE_EXT || value.ext_type != FIELD_EXT) {
        msgpack_pack_array(&packer, 2);
        msgpack_pack_uint32(&packer, TSD_TEMPLATE_VALUE);
        buffer_append(out, at, (size_t)(end - at));
        return;
    }
    memcpy(&field, value.bytes, sizeof field);
    msgpack_pack_array(&packer, field.adds ? 4 : 3);
    msgpack_pack_uint32(&packer, TSD_TEMPLATE_FIELD);
    msgpack_pack_uint32(&packer, field.guard);
    msgpack_pack_uint32(&packer, field.field);
    if (field.adds)
        msgpack_pack_int64(&packer, field.add);
}

/* {option: value} of a step that puts. */
static void pack_options(struct buffer *out, const struct request *request)
{
    msgpack_packer packer = buffer_packer(out);
    const uint64_t has = request->has & HAS_OF_PUT;
    msgpack_pack_map(&packer, (size_t)__builtin_popcountll(has));
    for (uint32_t key = 0; key < TSD_OPTION_END; key++) {
        if (!(has & 1ull << key))
            continue;
        msgpack_pack_uint32(&packer, key);
        if (key == TSD_OPTION_PRIORITY)
            msgpack_pack_int(&packer, request->putting.priority);
        else if (key == TSD_OPTION_TTL)
            msgpack_pack_uint64(&packer, request->putting.ttl_us);
        else if (key == TSD_OPTION_DELAY)
            msgpack_pack_uint64(&packer, request->putting.delay_us);
        else
            msgpack_pack_true(&packer);
    }
}

/* [1, space or nil, template, {option: value}] */
static void read_out(struct scenario_reader *reader, char **at)
{
    struct scenario *scenario = reader->scenario;
    struct request *request = &reader->step->request;
    struct buffer *body = &scenario->body;
    msgpack_packer packer = buffer_packer(body);
    struct problem problem;
    struct value head;
    char *text = scenario_bracketed(scenario, at);
    if (request->alternative_count == 0 && request->body_count == 0)
        request->space = reader->space;
    hide_fields(scenario, text);
    buffer_clear(&scenario->tuples);
    if (text_read_tuple((const char *)scenario->text_buffer.bytes, scenario->text_buffer.size, NULL,
                        &scenario->tuples, &problem) < 0)
        scenario_bad(scenario, problem.text, text);
    msgpack_pack_array(&packer, 4);
    msgpack_pack_uint32(&packer, TSD_STEP_OUT);
    buffer_pack_str(body, reader->space.bytes, reader->space.size);
    const uint8_t *field = value_read_trusted(scenario->tuples.bytes, &head);
    msgpack_pack_array(&packer, head.length);
    for (uint32_t i = 0; i < head.length; i++) {
        const uint8_t *end = value_skip_trusted(field);
        pack_field(body, field, end);
        field = end;
    }
    pack_options(body, request);
    request->body_puts++;
    forget_options(request);
}

/* [2, token] */
static void read_finish(struct scenario_reader *reader, char **at)
{
    const char *name = scenario_word(at);
    msgpack_packer packer = buffer_packer(&reader->scenario->body);
    if (!name)
        scenario_bad(reader->scenario, "--finish has a token", reader->step->text);
    const struct token token = scenario_token(reader, name);
    msgpack_pack_array(&packer, 2);
    msgpack_pack_uint32(&packer, TSD_STEP_FINISH);
    token_encode(&token, &reader->scenario->body);
}

void scenario_read_atomic(struct scenario_reader *reader, char **at)
{
    static const char *const guards[TSD_GUARD_END] = {
#define GUARD(number, NAME, name, when) [number] = "--" name,
        TSD_GUARDS(GUARD)
#undef GUARD
    };
    struct request *request = &reader->step->request;
    for (;;) {
        while (scenario_option(reader, at))
            ;
        const char *word = scenario_word(at);
        if (!word)
            break;
        uint32_t guard = 1;
        while (guard < TSD_GUARD_END && strcmp(word, guards[guard]) != 0)
            guard++;
        if (guard < TSD_GUARD_END) {
            read_guard(reader, (enum tsd_guard)guard, at);
            continue;
        }
        if (strcmp(word, "--out") == 0)
            read_out(reader, at);
        else if (strcmp(word, "--finish") == 0)
            read_finish(reader, at);
        else
            scenario_bad(reader->scenario, "neither a guard nor a step", word);
        request->body_count++;
    }
    request->body =
        (struct span){reader->scenario->body.bytes, (uint32_t)reader->scenario->body.size};
}
