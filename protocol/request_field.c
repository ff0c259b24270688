/* SPDX-License-Identifier: MIT */
#include "protocol/request_field.h"

#include <stddef.h>

#include "protocol/limits.h"
#include "protocol/name_check.h"
#include "protocol/tuple.h"
#include "protocol/value.h"

/* Where the field's value is. */
#define FIELD_OF(type, request, field) ((type *)((char *)(request) + (field)->offset))
#define CONST_FIELD_OF(type, request, field)                                                       \
    ((const type *)((const char *)(request) + (field)->offset))

/* A problem of a value at p, whose check counted offsets from there. */
static int problem_at(struct decoder *d, const uint8_t *p, int error)
{
    d->problem->offset += (size_t)(p - d->in.body);
    return error;
}

static int decode_uint(struct decoder *d, const struct field *field)
{
    return reader_uint(&d->in, FIELD_OF(uint64_t, d->request, field)) ? 0 : FORM_WRONG;
}

static void encode_uint(const struct request *request, const struct field *field,
                        struct buffer *out)
{
    msgpack_packer packer = buffer_packer(out);

    msgpack_pack_uint64(&packer, *CONST_FIELD_OF(uint64_t, request, field));
}

static const struct form form_uint = {decode_uint, encode_uint};

/* A number of tuples: at least 1, cut to what one unit handles (rule S17). */
static int decode_count(struct decoder *d, const struct field *field)
{
    size_t offset = reader_offset(&d->in);
    uint64_t count;

    if (!reader_uint(&d->in, &count))
        return FORM_WRONG;
    if (count == 0)
        return problem_set(d->problem, TS_MALFORMED, offset, "%s: 0, where it is at least 1",
                           field->name);
    *FIELD_OF(uint32_t, d->request, field) =
        count < LIMIT_UNIT_TUPLES ? (uint32_t)count : LIMIT_UNIT_TUPLES;
    return 0;
}

static void encode_count(const struct request *request, const struct field *field,
                         struct buffer *out)
{
    msgpack_packer packer = buffer_packer(out);

    msgpack_pack_uint32(&packer, *CONST_FIELD_OF(uint32_t, request, field));
}

static const struct form form_count = {decode_count, encode_count};

static int decode_priority(struct decoder *d, const struct field *field)
{
    size_t offset = reader_offset(&d->in);
    struct value v;
    int64_t priority;

    if (reader_int(&d->in, &priority)) {
        if (priority >= INT8_MIN && priority <= INT8_MAX) {
            *FIELD_OF(int8_t, d->request, field) = (int8_t)priority;
            return 0;
        }
    } else if (!value_read(d->in.p, d->in.end, &v) || v.type != VALUE_INT) {
        return FORM_WRONG;
    }
    return problem_set(d->problem, TS_MALFORMED, offset,
                       "%s: out of range, where it is from -128 to 127", field->name);
}

static void encode_priority(const struct request *request, const struct field *field,
                            struct buffer *out)
{
    msgpack_packer packer = buffer_packer(out);

    msgpack_pack_int8(&packer, *CONST_FIELD_OF(int8_t, request, field));
}

static const struct form form_priority = {decode_priority, encode_priority};

static int decode_bool(struct decoder *d, const struct field *field)
{
    return reader_bool(&d->in, FIELD_OF(bool, d->request, field)) ? 0 : FORM_WRONG;
}

static void encode_bool(const struct request *request, const struct field *field,
                        struct buffer *out)
{
    buffer_append_byte(out, *CONST_FIELD_OF(bool, request, field) ? 0xc3 : 0xc2);
}

static const struct form form_bool = {decode_bool, encode_bool};

static int decode_place(struct decoder *d, const struct field *field)
{
    return reader_place(&d->in, FIELD_OF(struct place, d->request, field)) ? 0 : FORM_WRONG;
}

static void encode_place(const struct request *request, const struct field *field,
                         struct buffer *out)
{
    const struct place *place = CONST_FIELD_OF(struct place, request, field);
    msgpack_packer packer = buffer_packer(out);

    msgpack_pack_array(&packer, 2);
    msgpack_pack_int8(&packer, place->priority);
    msgpack_pack_uint64(&packer, place->id);
}

static const struct form form_place = {decode_place, encode_place};

static int decode_space(struct decoder *d, const struct field *field)
{
    struct span *space = FIELD_OF(struct span, d->request, field);
    int error;

    if (!reader_str(&d->in, space))
        return FORM_WRONG;
    error = name_check(space->bytes, space->size, "space", d->problem);
    return error ? problem_at(d, space->bytes, error) : 0;
}

static void encode_space(const struct request *request, const struct field *field,
                         struct buffer *out)
{
    const struct span *space = CONST_FIELD_OF(struct span, request, field);

    buffer_pack_str(out, space->bytes, space->size);
}

static const struct form form_space = {decode_space, encode_space};

/* Whether the count suits one unit, before any of it is looked at. */
static int check_unit(struct decoder *d, size_t offset, uint32_t count)
{
    if (count == 0)
        return problem_set(d->problem, TS_MALFORMED, offset, "no tuples to put");
    if (count > LIMIT_UNIT_TUPLES)
        return problem_set(d->problem, TS_LIMIT, offset,
                           "%u tuples, where the limit on the tuples of one unit is %d", count,
                           LIMIT_UNIT_TUPLES);
    return 0;
}

static int decode_tuples(struct decoder *d, const struct field *field)
{
    struct span *tuples = FIELD_OF(struct span, d->request, field);
    size_t offset = reader_offset(&d->in);
    struct tuple_view tuple;
    uint32_t count;
    int error;

    if (!reader_array(&d->in, &count))
        return FORM_WRONG;
    error = check_unit(d, offset, count);
    if (error)
        return error;

    tuples->bytes = d->in.p;
    for (uint32_t i = 0; i < count; i++) {
        error = tuple_check(d->in.p, d->in.end, &tuple, d->problem);
        if (error) {
            problem_within(d->problem, "tuple %u", i + 1);
            return problem_at(d, d->in.p, error);
        }
        d->in.p += tuple.size;
    }
    tuples->size = (uint32_t)(d->in.p - tuples->bytes);
    d->request->tuple_count = count;
    return 0;
}

static void encode_tuples(const struct request *request, const struct field *field,
                          struct buffer *out)
{
    const struct span *tuples = CONST_FIELD_OF(struct span, request, field);
    msgpack_packer packer = buffer_packer(out);

    msgpack_pack_array(&packer, request->tuple_count);
    buffer_append(out, tuples->bytes, tuples->size);
}

static const struct form form_tuples = {decode_tuples, encode_tuples};

static int take_pattern(struct decoder *d, struct pattern *pattern)
{
    const uint8_t *start = d->in.p;
    int error = pattern_check(start, d->in.end, d->room, pattern, &d->in.p, d->problem);

    if (error)
        d->in.p = start;
    return error ? problem_at(d, start, error) : 0;
}

/* The pattern of the arguments: with their space it is the first alternative. */
static int decode_pattern(struct decoder *d, const struct field *field)
{
    struct alternative *first = FIELD_OF(struct alternative, d->request, field);

    first->space = d->request->space;
    d->request->alternative_count = 1;
    return take_pattern(d, &first->pattern);
}

static void encode_pattern(const struct request *request, const struct field *field,
                           struct buffer *out)
{
    const struct alternative *first = CONST_FIELD_OF(struct alternative, request, field);

    buffer_append(out, first->pattern.bytes, first->pattern.size);
}

static const struct form form_pattern = {decode_pattern, encode_pattern};

static int decode_alternative(struct decoder *d, const struct field *field,
                              struct alternative *alternative)
{
    uint32_t count;
    int error;

    if (!reader_array(&d->in, &count) || count != 2 || !reader_str(&d->in, &alternative->space))
        return reader_fail(&d->in, d->problem, field->name, field->text);
    error = name_check(alternative->space.bytes, alternative->space.size, "space", d->problem);
    if (error)
        return problem_at(d, alternative->space.bytes, error);
    return take_pattern(d, &alternative->pattern);
}

static int decode_alternatives(struct decoder *d, const struct field *field)
{
    struct alternative *all = FIELD_OF(struct alternative, d->request, field);
    size_t offset = reader_offset(&d->in);
    uint32_t count;

    if (!reader_array(&d->in, &count))
        return FORM_WRONG;
    if (count >= LIMIT_ALTERNATIVES)
        return problem_set(d->problem, TS_LIMIT, offset,
                           "%s: %u further ones, where the limit is %d", field->name, count,
                           LIMIT_ALTERNATIVES - 1);
    for (uint32_t i = 1; i <= count; i++) {
        int error = decode_alternative(d, field, &all[i]);
        if (error) {
            problem_within(d->problem, "alternative %u", i);
            return error;
        }
    }
    d->request->alternative_count = 1 + count;
    return 0;
}

static void encode_alternatives(const struct request *request, const struct field *field,
                                struct buffer *out)
{
    const struct alternative *all = CONST_FIELD_OF(struct alternative, request, field);
    msgpack_packer packer = buffer_packer(out);

    msgpack_pack_array(&packer, request->alternative_count - 1);
    for (uint32_t i = 1; i < request->alternative_count; i++) {
        msgpack_pack_array(&packer, 2);
        buffer_pack_str(out, all[i].space.bytes, all[i].space.size);
        buffer_append(out, all[i].pattern.bytes, all[i].pattern.size);
    }
}

static const struct form form_alternatives = {decode_alternatives, encode_alternatives};

/* Which form each argument and option has, and where its value is kept. */
#define FIELD(form, member) &form, offsetof(struct request, member)
#define FIELD_SPACE FIELD(form_space, space)
#define FIELD_TUPLES FIELD(form_tuples, tuples)
#define FIELD_PATTERN FIELD(form_pattern, alternatives)
#define FIELD_NUMBER FIELD(form_uint, target)
#define FIELD_TIMEOUT FIELD(form_uint, timeout_us)
#define FIELD_MIN FIELD(form_count, min)
#define FIELD_MAX FIELD(form_count, max)
#define FIELD_ALTERNATIVES FIELD(form_alternatives, alternatives)
#define FIELD_ID FIELD(form_uint, id)
#define FIELD_PRIORITY FIELD(form_priority, priority)
#define FIELD_CURSOR FIELD(form_place, cursor)
#define FIELD_REVERSE FIELD(form_bool, reverse)
#define FIELD_AFTER FIELD(form_space, after)

#define WORD_SPACE "space"
#define WORD_TUPLES "tuples"
#define WORD_PATTERN "pattern"
#define WORD_NUMBER "number"

#define ARGUMENT(letter, NAME, text) [letter - 'a'] = {"argument " WORD_##NAME, text, FIELD_##NAME},
const struct field request_arguments['z' - 'a' + 1] = {TSD_ARGUMENTS(ARGUMENT)};

#define OPTION(number, NAME, name, text) [number] = {"option " name, text, FIELD_##NAME},
const struct field request_options[TSD_OPTION_END] = {TSD_OPTIONS(OPTION)};

void field_encode(const struct field *field, const struct request *request, struct buffer *out)
{
    field->form->encode(request, field, out);
}
