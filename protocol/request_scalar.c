/* SPDX-License-Identifier: MIT */
/*
 * The forms of arguments and options that are one scalar, or a place.
 */
#include <stddef.h>

#include "protocol/limits.h"
#include "protocol/name_check.h"
#include "protocol/request_field.h"
#include "protocol/utf8.h"
#include "protocol/value.h"

static int decode_uint(struct decoder *d, const struct field *field, void *to)
{
    (void)field;
    return reader_uint(&d->in, to) ? 0 : FORM_WRONG;
}

static void encode_uint(const struct request *request, const void *from, struct buffer *out)
{
    msgpack_packer packer = buffer_packer(out);

    (void)request;
    msgpack_pack_uint64(&packer, *(const uint64_t *)from);
}

const struct form form_uint = {decode_uint, encode_uint};

/* A number of tuples: at least 1, cut to what one unit handles (rule S17). */
static int decode_count(struct decoder *d, const struct field *field, void *to)
{
    size_t offset = reader_offset(&d->in);
    uint64_t count;

    if (!reader_uint(&d->in, &count))
        return FORM_WRONG;
    if (count == 0)
        return problem_set(d->problem, TS_MALFORMED, offset, "%s: 0, where it is at least 1",
                           field->name);
    *(uint32_t *)to = count < LIMIT_UNIT_TUPLES ? (uint32_t)count : LIMIT_UNIT_TUPLES;
    return 0;
}

static void encode_count(const struct request *request, const void *from, struct buffer *out)
{
    msgpack_packer packer = buffer_packer(out);

    (void)request;
    msgpack_pack_uint32(&packer, *(const uint32_t *)from);
}

const struct form form_count = {decode_count, encode_count};

/* What stands next is an int, but not one that is allowed; or it is of another form. */
static int out_of_range(struct decoder *d, size_t offset, const char *name, const char *range)
{
    const struct reader at = {d->in.body, d->in.body + offset, d->in.end};
    struct value v;

    if (!value_read(at.p, at.end, &v) || v.type != VALUE_INT)
        return FORM_WRONG;
    return problem_set(d->problem, TS_MALFORMED, offset, "%s: out of range, where it is %s", name,
                       range);
}

static int decode_priority(struct decoder *d, const struct field *field, void *to)
{
    size_t offset = reader_offset(&d->in);
    int64_t priority;

    if (!reader_int(&d->in, &priority) || priority < INT8_MIN || priority > INT8_MAX)
        return out_of_range(d, offset, field->name, "from -128 to 127");
    *(int8_t *)to = (int8_t)priority;
    return 0;
}

static void encode_priority(const struct request *request, const void *from, struct buffer *out)
{
    msgpack_packer packer = buffer_packer(out);

    (void)request;
    msgpack_pack_int8(&packer, *(const int8_t *)from);
}

const struct form form_priority = {decode_priority, encode_priority};

static int decode_bool(struct decoder *d, const struct field *field, void *to)
{
    (void)field;
    return reader_bool(&d->in, to) ? 0 : FORM_WRONG;
}

static void encode_bool(const struct request *request, const void *from, struct buffer *out)
{
    (void)request;
    buffer_append_byte(out, *(const bool *)from ? 0xc3 : 0xc2);
}

const struct form form_bool = {decode_bool, encode_bool};

static int decode_place(struct decoder *d, const struct field *field, void *to)
{
    (void)field;
    return reader_place(&d->in, to) ? 0 : FORM_WRONG;
}

static void encode_place(const struct request *request, const void *from, struct buffer *out)
{
    const struct place *place = from;
    msgpack_packer packer = buffer_packer(out);

    (void)request;
    msgpack_pack_array(&packer, 2);
    msgpack_pack_int8(&packer, place->priority);
    msgpack_pack_uint64(&packer, place->id);
}

const struct form form_place = {decode_place, encode_place};

static int decode_space(struct decoder *d, const struct field *field, void *to)
{
    struct span *space = to;
    int error;

    (void)field;
    if (!reader_str(&d->in, space))
        return FORM_WRONG;
    error = name_check(space->bytes, space->size, "space", d->problem);
    return error ? decoder_problem(d, space->bytes, error) : 0;
}

static void encode_space(const struct request *request, const void *from, struct buffer *out)
{
    const struct span *space = from;

    (void)request;
    buffer_pack_str(out, space->bytes, space->size);
}

const struct form form_space = {decode_space, encode_space};

/* A name, or none: dead-letter. */
static int decode_space_or_none(struct decoder *d, const struct field *field, void *to)
{
    struct reader ahead = d->in;

    if (!reader_str(&ahead, to) || ((struct span *)to)->size > 0)
        return decode_space(d, field, to);
    d->in = ahead;
    return 0;
}

const struct form form_space_or_none = {decode_space_or_none, encode_space};

/* rule S28: any str of 1 to 255 bytes */
static int decode_key(struct decoder *d, const struct field *field, void *to)
{
    size_t offset = reader_offset(&d->in);
    struct span *key = to;

    if (!reader_str(&d->in, key))
        return FORM_WRONG;
    if (key->size == 0)
        return problem_set(d->problem, TS_MALFORMED, offset,
                           "%s: empty, where it has at least 1 byte", field->name);
    if (key->size > LIMIT_KEY_BYTES)
        return problem_set(d->problem, TS_LIMIT, offset, "%s: %u bytes, where the limit is %d",
                           field->name, key->size, LIMIT_KEY_BYTES);
    if (!utf8_is_valid(key->bytes, key->size))
        return problem_set(d->problem, TS_MALFORMED, offset, "%s: not valid UTF-8", field->name);
    return 0;
}

const struct form form_key = {decode_key, encode_space};

/* A number above which nothing differs: max-returns. */
static int decode_cut(struct decoder *d, const struct field *field, void *to)
{
    uint64_t number;

    (void)field;
    if (!reader_uint(&d->in, &number))
        return FORM_WRONG;
    *(uint32_t *)to = number < UINT32_MAX ? (uint32_t)number : UINT32_MAX;
    return 0;
}

const struct form form_cut = {decode_cut, encode_count};

static int decode_exit(struct decoder *d, const struct field *field, void *to)
{
    size_t offset = reader_offset(&d->in);
    uint64_t status;

    if (!reader_uint(&d->in, &status))
        return FORM_WRONG;
    if (status > EXIT_MOST)
        return out_of_range(d, offset, field->name, "up to 255, or 256 and a signal up to 127");
    *(uint32_t *)to = (uint32_t)status;
    return 0;
}

const struct form form_exit = {decode_exit, encode_count};

static int decode_events(struct decoder *d, const struct field *field, void *to)
{
    size_t offset = reader_offset(&d->in);
    uint64_t events;

    if (!reader_uint(&d->in, &events))
        return FORM_WRONG;
    if (events & ~(uint64_t)EVENTS_ALL)
        return problem_set(d->problem, TS_INVALID, offset,
                           "%s: bits of unknown events, where those of events 1 to %d are known",
                           field->name, TSD_EVENT_END - 1);
    *(uint32_t *)to = (uint32_t)events;
    return 0;
}

const struct form form_events = {decode_events, encode_count};

/* A uid or a gid: the highest stands for none. */
static int decode_id(struct decoder *d, const struct field *field, void *to)
{
    size_t offset = reader_offset(&d->in);
    uint64_t id;

    if (!reader_uint(&d->in, &id))
        return FORM_WRONG;
    if (id >= UINT32_MAX)
        return out_of_range(d, offset, field->name, "up to 4294967294");
    *(uint32_t *)to = (uint32_t)id;
    return 0;
}

const struct form form_id = {decode_id, encode_count};

static int decode_mode(struct decoder *d, const struct field *field, void *to)
{
    size_t offset = reader_offset(&d->in);
    uint64_t mode;

    if (!reader_uint(&d->in, &mode))
        return FORM_WRONG;
    if (mode > MODE_MOST)
        return out_of_range(d, offset, field->name, "up to 511, which is 0777");
    *(uint32_t *)to = (uint32_t)mode;
    return 0;
}

const struct form form_mode = {decode_mode, encode_count};
