/* SPDX-License-Identifier: MIT */
/*
 * The body of an atomic, checked: steps that put a tuple made from a template or finish a hold
 * (rules S22, S23). What has passed here is read by step.c.
 */
#include <stddef.h>

#include "protocol/limits.h"
#include "protocol/request_field.h"
#include "protocol/value.h"

#define PUT_FORM "[1, space or nil, template, {option}]"
#define FIELD_FORM "[0, value], [1, guard, field] or [1, guard, field, int]"

/* --- Templates ----------------------------------------------------------------------------------- */

/* A value counts as a tuple's field does (rules V1, V2). */
static int take_value(struct decoder *d, struct value_budget *budget, size_t *bytes)
{
    const uint8_t *at = d->in.p;
    const uint8_t *after = value_check(at, d->in.end, budget, d->problem);

    if (!after)
        return decoder_problem(d, at, -(int)d->problem->status);
    *bytes += (size_t)(after - at);
    if (*bytes > LIMIT_TUPLE_BYTES)
        return problem_set(d->problem, TS_LIMIT, reader_offset(&d->in),
                           "a tuple of more than %zu bytes: that is the limit", LIMIT_TUPLE_BYTES);
    d->in.p = after;
    return 0;
}

static int take_guard(struct decoder *d)
{
    const size_t offset = reader_offset(&d->in);
    const uint32_t guards = d->request->alternative_count;
    uint64_t guard;

    if (!reader_uint(&d->in, &guard))
        return reader_fail(&d->in, d->problem, "number of a guard", "uint");
    if (guard >= guards)
        return problem_set(d->problem, TS_INVALID, offset,
                           "there is no guard %llu (from 0): the last one is %u",
                           (unsigned long long)guard, guards - 1);
    if (d->request->guards[guard].kind == TSD_GUARD_ABSENT)
        return problem_set(d->problem, TS_INVALID, offset,
                           "guard %u (from 0) is absent: it has no tuple", (unsigned)guard);
    return 0;
}

static int take_index(struct decoder *d)
{
    const size_t offset = reader_offset(&d->in);
    uint64_t field;

    if (!reader_uint(&d->in, &field))
        return reader_fail(&d->in, d->problem, "number of a field", "uint");
    if (field >= LIMIT_TUPLE_FIELDS)
        return problem_set(
            d->problem, TS_INVALID, offset,
            "no tuple has a field %llu (from 0): the last one that it may have is %d",
            (unsigned long long)field, LIMIT_TUPLE_FIELDS - 1);
    return 0;
}

static int take_addend(struct decoder *d)
{
    const struct reader before = d->in;
    struct value v;
    int64_t add;

    if (reader_int(&d->in, &add))
        return 0;
    if (!value_read(before.p, before.end, &v) || v.type != VALUE_INT)
        return reader_fail(&before, d->problem, "what is added", "int");
    return problem_set(d->problem, TS_MALFORMED, reader_offset(&before),
                       "what is added: out of range, where it is from -2^63 to 2^63-1");
}

static int take_field(struct decoder *d, uint32_t count)
{
    int error = take_guard(d);

    if (!error)
        error = take_index(d);
    return !error && count == 4 ? take_addend(d) : error;
}

static int take_template_field(struct decoder *d, struct value_budget *budget, size_t *bytes)
{
    const size_t offset = reader_offset(&d->in);
    uint32_t count;
    uint64_t kind;

    if (!reader_array(&d->in, &count))
        return reader_fail(&d->in, d->problem, "field of a template", "array: " FIELD_FORM);
    if (count == 0)
        return problem_set(d->problem, TS_PROTOCOL, offset,
                           "a field of a template is " FIELD_FORM ", not of 0 values");
    if (!reader_uint(&d->in, &kind))
        return reader_fail(&d->in, d->problem, "number of a template's form", "uint");
    if (kind > TSD_TEMPLATE_FIELD)
        return problem_set(d->problem, TS_PROTOCOL, offset,
                           "unknown form of a template's field %llu", (unsigned long long)kind);
    if (kind == TSD_TEMPLATE_VALUE ? count != 2 : count != 3 && count != 4)
        return problem_set(d->problem, TS_PROTOCOL, offset,
                           "a field of a template is " FIELD_FORM ", not of %u values", count);
    return kind == TSD_TEMPLATE_VALUE ? take_value(d, budget, bytes) : take_field(d, count);
}

static int check_fields(struct decoder *d, size_t offset, uint32_t count)
{
    if (count == 0)
        return problem_set(d->problem, TS_MALFORMED, offset, "a tuple has at least one field");
    if (count > LIMIT_TUPLE_FIELDS)
        return problem_set(d->problem, TS_LIMIT, offset, "a tuple of %u fields: the limit is %u",
                           count, LIMIT_TUPLE_FIELDS);
    return 0;
}

static int take_template(struct decoder *d)
{
    struct value_budget budget = {LIMIT_TUPLE_VALUES, LIMIT_DEPTH};
    const size_t offset = reader_offset(&d->in);
    size_t bytes = 0;
    uint32_t count;

    if (!reader_array(&d->in, &count))
        return reader_fail(&d->in, d->problem, "template", "array of fields");
    int error = check_fields(d, offset, count);
    for (uint32_t i = 0; !error && i < count; i++) {
        error = take_template_field(d, &budget, &bytes);
        if (error)
            problem_within(d->problem, "field %u", i + 1);
    }
    return error;
}

/* --- Steps --------------------------------------------------------------------------------------- */

/* The options of a request that say how tuples are put are a step's too. */
static int take_options(struct decoder *d)
{
    const size_t offset = reader_offset(&d->in);
    struct putting putting = {0};
    uint32_t pairs, option = 0;
    int error = 0;

    if (!reader_map(&d->in, &pairs))
        return reader_fail(&d->in, d->problem, "options of a step", "map");
    while (!error && pairs-- > 0) {
        error = decoder_option(d, "a step", TSD_HAS_PUTTING, &putting.has, &option);
        if (!error)
            error = field_decode_to(d, &request_options[option],
                                    (char *)&putting + request_options[option].offset -
                                        offsetof(struct request, putting));
    }
    d->puts_bound |= putting.bound;
    return error ? error : options_check_putting(d->problem, offset, &putting);
}

static int take_put(struct decoder *d, uint32_t count)
{
    struct span space;
    int error = decoder_space_or_own(d, &space);

    if (!error)
        error = take_template(d);
    if (!error && count == 4)
        error = take_options(d);
    d->request->body_puts++;
    return error;
}

static int take_step(struct decoder *d)
{
    const size_t offset = reader_offset(&d->in);
    uint32_t count;
    uint64_t kind;

    if (!reader_array(&d->in, &count))
        return reader_fail(&d->in, d->problem, "step", "array: " PUT_FORM " or [2, token]");
    if (count == 0)
        return problem_set(d->problem, TS_PROTOCOL, offset, "a step begins with its number");
    if (!reader_uint(&d->in, &kind))
        return reader_fail(&d->in, d->problem, "number of a step", "uint");
    if (kind != TSD_STEP_OUT && kind != TSD_STEP_FINISH)
        return problem_set(d->problem, TS_PROTOCOL, offset, "unknown step %llu",
                           (unsigned long long)kind);
    if (kind == TSD_STEP_OUT ? count != 3 && count != 4 : count != 2)
        return problem_set(d->problem, TS_PROTOCOL, offset,
                           "a step is " PUT_FORM " or [2, token], not of %u values", count);
    return kind == TSD_STEP_OUT ? take_put(d, count) : decoder_token(d, "finish", false);
}

static int decode_body(struct decoder *d, const struct field *field, void *to)
{
    const size_t offset = reader_offset(&d->in);
    struct span *body = to;
    uint32_t count;
    int error = 0;

    (void)field;
    if (!reader_array(&d->in, &count))
        return reader_fail(&d->in, d->problem, "argument body", "array of steps");
    if (count > LIMIT_UNIT_TUPLES)
        return problem_set(d->problem, TS_LIMIT, offset, "%u steps, where the limit is %d", count,
                           LIMIT_UNIT_TUPLES);
    body->bytes = d->in.p;
    for (uint32_t i = 0; !error && i < count; i++) {
        error = take_step(d);
        if (error)
            problem_within(d->problem, "step %u", i + 1);
    }
    body->size = (uint32_t)(d->in.p - body->bytes);
    d->request->body_count = count;
    return error;
}

static void encode_body(const struct request *request, const void *from, struct buffer *out)
{
    const struct span *body = from;
    msgpack_packer packer = buffer_packer(out);

    msgpack_pack_array(&packer, request->body_count);
    buffer_append(out, body->bytes, body->size);
}

const struct form form_body = {decode_body, encode_body};
