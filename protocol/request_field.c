/* SPDX-License-Identifier: MIT */
#include "protocol/request_field.h"

#include <stddef.h>

#include "protocol/limits.h"
#include "protocol/tuple.h"

/* An array of 0 tuples and more. */
static inline int take_tuples(struct decoder *d, struct span *tuples)
{
    size_t offset = reader_offset(&d->in);
    struct tuple_view tuple;
    uint32_t count;

    if (!reader_array(&d->in, &count))
        return FORM_WRONG;
    if (count > LIMIT_UNIT_TUPLES)
        return problem_set(d->problem, TS_LIMIT, offset,
                           "%u tuples, where the limit on the tuples of one unit is %d", count,
                           LIMIT_UNIT_TUPLES);
    tuples->bytes = d->in.p;
    for (uint32_t i = 0; i < count; i++) {
        int error = tuple_check(d->in.p, d->in.end, &tuple, d->problem);
        if (error) {
            problem_within(d->problem, "tuple %u", i + 1);
            return decoder_problem(d, d->in.p, error);
        }
        d->in.p += tuple.size;
    }
    tuples->size = (uint32_t)(d->in.p - tuples->bytes);
    d->request->tuple_count = count;
    return 0;
}

static int decode_results(struct decoder *d, const struct field *field, void *to)
{
    (void)field;
    return take_tuples(d, to);
}

static int decode_tuples(struct decoder *d, const struct field *field, void *to)
{
    size_t offset = reader_offset(&d->in);
    int error = take_tuples(d, to);

    (void)field;
    if (!error && d->request->tuple_count == 0)
        return problem_set(d->problem, TS_MALFORMED, offset, "no tuples to put");
    return error;
}

static void encode_tuples(const struct request *request, const void *from, struct buffer *out)
{
    const struct span *tuples = from;
    msgpack_packer packer = buffer_packer(out);

    msgpack_pack_array(&packer, request->tuple_count);
    buffer_append(out, tuples->bytes, tuples->size);
}

static const struct form form_tuples = {decode_tuples, encode_tuples};
static const struct form form_results = {decode_results, encode_tuples};

/* Option tuple: one of them. */
static int decode_tuple(struct decoder *d, const struct field *field, void *to)
{
    struct span *tuples = to;
    struct tuple_view tuple;
    int error = tuple_check(d->in.p, d->in.end, &tuple, d->problem);

    if (error) {
        problem_within(d->problem, "%s", field->name);
        return decoder_problem(d, d->in.p, error);
    }
    *tuples = (struct span){d->in.p, tuple.size};
    d->in.p += tuple.size;
    d->request->tuple_count = 1;
    return 0;
}

static void encode_tuple(const struct request *request, const void *from, struct buffer *out)
{
    const struct span *tuples = from;

    (void)request;
    buffer_append(out, tuples->bytes, tuples->size);
}

static const struct form form_tuple = {decode_tuple, encode_tuple};

static inline int take_pattern(struct decoder *d, struct pattern *pattern)
{
    const uint8_t *start = d->in.p;
    int error = pattern_check(start, d->in.end, d->room, pattern, &d->in.p, d->problem);

    if (error)
        d->in.p = start;
    return error ? decoder_problem(d, start, error) : 0;
}

int decoder_pattern(struct decoder *d, struct pattern *pattern)
{
    return take_pattern(d, pattern);
}

/* The pattern of the arguments: with their space it is the first alternative. */
static int decode_pattern(struct decoder *d, const struct field *field, void *to)
{
    struct alternative *first = to;

    (void)field;
    first->space = d->request->space;
    d->request->alternative_count = 1;
    return take_pattern(d, &first->pattern);
}

static void encode_pattern(const struct request *request, const void *from, struct buffer *out)
{
    const struct alternative *first = from;

    (void)request;
    buffer_append(out, first->pattern.bytes, first->pattern.size);
}

static const struct form form_pattern = {decode_pattern, encode_pattern};

static int decode_alternative(struct decoder *d, const struct field *field,
                              struct alternative *alternative)
{
    uint32_t count;
    int error;

    if (!reader_array(&d->in, &count) || count != 2)
        return reader_fail(&d->in, d->problem, field->name, field->text);
    error = form_space.decode(d, field, &alternative->space);
    if (error == FORM_WRONG)
        return reader_fail(&d->in, d->problem, field->name, field->text);
    return error ? error : take_pattern(d, &alternative->pattern);
}

static int decode_alternatives(struct decoder *d, const struct field *field, void *to)
{
    struct alternative *all = to;
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

static void encode_alternatives(const struct request *request, const void *from, struct buffer *out)
{
    const struct alternative *all = from;
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
#define FIELD_RESULTS FIELD(form_results, tuples)
#define FIELD_TOKENS FIELD(form_tokens, tokens)
#define FIELD_DURATION FIELD(form_uint, duration_us)
#define FIELD_GUARDS FIELD(form_guards, guards)
#define FIELD_BODY FIELD(form_body, body)
#define FIELD_CLIENT FIELD(form_uint, target)

#define FIELD_TIMEOUT FIELD(form_uint, timeout_us)
#define FIELD_MIN FIELD(form_count, min)
#define FIELD_MAX FIELD(form_count, max)
#define FIELD_ALTERNATIVES FIELD(form_alternatives, alternatives)
#define FIELD_ID FIELD(form_uint, id)
#define FIELD_PRIORITY FIELD(form_priority, putting.priority)
#define FIELD_CURSOR FIELD(form_place, cursor)
#define FIELD_REVERSE FIELD(form_bool, reverse)
#define FIELD_AFTER FIELD(form_space, after)
#define FIELD_HOLD_TIME FIELD(form_uint, hold_us)
#define FIELD_DETACHED FIELD(form_bool, detached)
#define FIELD_DELAY FIELD(form_uint, putting.delay_us)
#define FIELD_TTL FIELD(form_uint, putting.ttl_us)
#define FIELD_BOUND FIELD(form_bool, putting.bound)
#define FIELD_PULSE FIELD(form_bool, putting.pulse)
#define FIELD_KEY FIELD(form_key, key)
#define FIELD_WINDOW FIELD(form_uint, window_us)
#define FIELD_UNTRIED FIELD(form_bool, untried)
#define FIELD_TO FIELD(form_space, to)
#define FIELD_NOW FIELD(form_bool, now)
#define FIELD_EVENTS FIELD(form_events, events)
#define FIELD_STATES FIELD(form_bool, states)
#define FIELD_WHO FIELD(form_bool, who)
#define FIELD_CAPACITY FIELD(form_uint, capacity)
#define FIELD_MAX_RETURNS FIELD(form_cut, max_returns)
#define FIELD_DEAD_LETTER FIELD(form_space_or_none, dead_letter)
#define FIELD_FORCE FIELD(form_bool, force)
#define FIELD_EXIT FIELD(form_exit, exit_status)
#define FIELD_TUPLE FIELD(form_tuple, tuples)
#define FIELD_OWNER FIELD(form_id, owner)
#define FIELD_GROUP FIELD(form_id, group)
#define FIELD_MODE FIELD(form_mode, mode)
#define FIELD_EXISTING FIELD(form_bool, existing)
#define FIELD_BEYOND FIELD(form_uint, beyond)

#define WORD_SPACE "space"
#define WORD_TUPLES "tuples"
#define WORD_PATTERN "pattern"
#define WORD_NUMBER "number"
#define WORD_RESULTS "tuples"
#define WORD_TOKENS "tokens"
#define WORD_DURATION "duration"
#define WORD_GUARDS "guards"
#define WORD_BODY "body"
#define WORD_CLIENT "client"

#define ARGUMENT(letter, NAME, text) [letter - 'a'] = {"argument " WORD_##NAME, text, FIELD_##NAME},
const struct field request_arguments['z' - 'a' + 1] = {TSD_ARGUMENTS(ARGUMENT)};

#define OPTION(number, NAME, name, text) [number] = {"option " name, text, FIELD_##NAME},
const struct field request_options[TSD_OPTION_END] = {TSD_OPTIONS(OPTION)};

int decoder_option_refused(struct decoder *d, const char *whose, uint64_t options,
                           const uint8_t *at)
{
    const size_t offset = (size_t)(at - d->in.body);
    uint64_t key;

    d->in.p = at;
    if (!reader_uint(&d->in, &key))
        return reader_fail(&d->in, d->problem, "number of an option", "uint");
    if (key >= TSD_OPTION_END || !request_options[key].name)
        return problem_set(d->problem, TS_INVALID, offset, "unknown option %llu",
                           (unsigned long long)key);
    if (!(options & 1ull << key))
        return problem_set(d->problem, TS_INVALID, offset, "%s has no %s", whose,
                           request_options[key].name);
    return problem_set(d->problem, TS_PROTOCOL, offset, "%s stands twice",
                       request_options[key].name);
}
