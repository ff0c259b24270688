/* SPDX-License-Identifier: MIT */
/*
 * The guards of an atomic (rule S22), each [guard, space or nil, pattern, {option: value}].
 */
#include <string.h>

#include "protocol/limits.h"
#include "protocol/request_field.h"

#define GUARD_FORM "[guard, space or nil, pattern, {option}]"

/* As errors call it. */
static const char *const guard_names[TSD_GUARD_END] = {
#define GUARD(number, NAME, name, text) [number] = "guard " name,
    TSD_GUARDS(GUARD)};

static int take_kind(struct decoder *d, struct guard *guard)
{
    const size_t offset = reader_offset(&d->in);
    uint64_t kind;

    if (!reader_uint(&d->in, &kind))
        return reader_fail(&d->in, d->problem, "number of a guard", "uint");
    if (kind >= TSD_GUARD_END || !guard_names[kind])
        return problem_set(d->problem, TS_PROTOCOL, offset, "unknown guard %llu",
                           (unsigned long long)kind);
    *guard = (struct guard){.kind = (enum tsd_guard)kind};
    return 0;
}

int decoder_space_or_own(struct decoder *d, struct span *space)
{
    if (reader_nil(&d->in)) {
        *space = d->request->space;
        return 0;
    }
    int error = form_space.decode(d, NULL, space);
    return error == FORM_WRONG ? reader_fail(&d->in, d->problem, "space", "str or nil") : error;
}

static int take_options(struct decoder *d, struct guard *guard)
{
    const uint64_t options =
        guard->kind == TSD_GUARD_HOLD ? TSD_HAS(HOLD_TIME) | TSD_HAS(DETACHED) : 0;
    const size_t offset = reader_offset(&d->in);
    uint32_t pairs, option = 0;
    uint64_t has = 0;
    int error = 0;

    if (!reader_map(&d->in, &pairs))
        return reader_fail(&d->in, d->problem, "options of a guard", "map");
    while (!error && pairs-- > 0) {
        error = decoder_option(d, guard_names[guard->kind], options, &has, &option);
        if (!error)
            error = field_decode_to(d, &request_options[option],
                                    option == TSD_OPTION_DETACHED ? (void *)&guard->detached
                                                                  : (void *)&guard->hold_us);
    }
    guard->has_hold_time = has & TSD_HAS(HOLD_TIME);
    return error ? error : options_check_hold(d->problem, offset, has, guard->detached);
}

static int take_guard(struct decoder *d, struct guard *guard, struct alternative *alternative)
{
    uint32_t count;
    int error;

    if (!reader_array(&d->in, &count))
        return reader_fail(&d->in, d->problem, "guard", "array: " GUARD_FORM);
    if (count != 3 && count != 4)
        return problem_set(d->problem, TS_PROTOCOL, reader_offset(&d->in),
                           "a guard is " GUARD_FORM ", not of %u values", count);
    error = take_kind(d, guard);
    if (!error)
        error = decoder_space_or_own(d, &alternative->space);
    if (!error)
        error = decoder_pattern(d, &alternative->pattern);
    return !error && count == 4 ? take_options(d, guard) : error;
}

static int check_count(struct decoder *d, size_t offset, uint32_t count)
{
    if (count == 0)
        return problem_set(d->problem, TS_MALFORMED, offset, "atomic has at least 1 guard");
    if (count > LIMIT_GUARDS)
        return problem_set(d->problem, TS_LIMIT, offset, "%u guards, where the limit is %d", count,
                           LIMIT_GUARDS);
    return 0;
}

static int decode_guards(struct decoder *d, const struct field *field, void *to)
{
    const size_t offset = reader_offset(&d->in);
    struct guard *guards = to;
    uint32_t count;

    (void)field;
    if (!reader_array(&d->in, &count))
        return reader_fail(&d->in, d->problem, "argument guards", "array of 1 to 16 guards");
    int error = check_count(d, offset, count);
    for (uint32_t i = 0; !error && i < count; i++) {
        error = take_guard(d, &guards[i], &d->request->alternatives[i]);
        if (error)
            problem_within(d->problem, "guard %u", i + 1);
    }
    d->request->alternative_count = count;
    return error;
}

static void encode_space(const struct span *space, const struct span *own, struct buffer *out)
{
    if (space->size == 0 ||
        (space->size == own->size && memcmp(space->bytes, own->bytes, own->size) == 0))
        buffer_append_byte(out, 0xc0);
    else
        buffer_pack_str(out, space->bytes, space->size);
}

static void encode_options(const struct guard *guard, struct buffer *out)
{
    msgpack_packer packer = buffer_packer(out);

    msgpack_pack_map(&packer, (guard->has_hold_time ? 1 : 0) + (guard->detached ? 1 : 0));
    if (guard->has_hold_time) {
        msgpack_pack_uint32(&packer, TSD_OPTION_HOLD_TIME);
        msgpack_pack_uint64(&packer, guard->hold_us);
    }
    if (guard->detached) {
        msgpack_pack_uint32(&packer, TSD_OPTION_DETACHED);
        msgpack_pack_true(&packer);
    }
}

static void encode_guards(const struct request *request, const void *from, struct buffer *out)
{
    const struct guard *guards = from;
    msgpack_packer packer = buffer_packer(out);

    msgpack_pack_array(&packer, request->alternative_count);
    for (uint32_t i = 0; i < request->alternative_count; i++) {
        const struct alternative *alternative = &request->alternatives[i];
        const bool options = guards[i].has_hold_time || guards[i].detached;

        msgpack_pack_array(&packer, options ? 4 : 3);
        msgpack_pack_uint32(&packer, guards[i].kind);
        encode_space(&alternative->space, &request->space, out);
        buffer_append(out, alternative->pattern.bytes, alternative->pattern.size);
        if (options)
            encode_options(&guards[i], out);
    }
}

const struct form form_guards = {decode_guards, encode_guards};
