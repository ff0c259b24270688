/* SPDX-License-Identifier: MIT */
#include "protocol/request.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "protocol/limits.h"
#include "protocol/reader.h"
#include "protocol/request_field.h"
#include "protocol/value.h"

static const struct {
    const char *name;
    const char *arguments;
    uint32_t argument_count;
    uint64_t options;
} operations[TSD_OP_END] = {
#define OPERATION(number, NAME, name, arguments, options, text)                                    \
    [number] = {name, arguments, sizeof(arguments) - 1, options},
    TSD_OPERATIONS(OPERATION)};

const char *operation_name(enum tsd_operation op)
{
    const char *name = (unsigned)op < TSD_OP_END ? operations[op].name : NULL;

    return name ? name : "unknown";
}

/* Clears the members from one up to, but without, another: 64 bytes at most, so by a few wide stores. */
#define CLEAR(request, from, to)                                                                   \
    do {                                                                                           \
        enum { SIZE = offsetof(struct request, to) - offsetof(struct request, from) };             \
        static_assert(SIZE > 0 && SIZE <= 64, "more would be a call");                             \
        memset(&(request)->from, 0, SIZE);                                                         \
    } while (0)

/*
 * What is so where no argument or option says otherwise: all but the alternatives and guards, of
 * which nothing is read beyond their count.
 */
static void set_defaults(struct request *request)
{
    CLEAR(request, has, alternatives);
    request->alternative_count = 0;
    CLEAR(request, body, timeout_us);
    CLEAR(request, timeout_us, putting);
    request->min = 1;
    request->max = 1;
    CLEAR(request, putting, key);
    CLEAR(request, key, to);
    request->window_us = LIMIT_WINDOW_US;
    CLEAR(request, to, dead_letter);
    request->events = EVENTS_ALL;
    request->max_returns = UINT32_MAX;
    CLEAR(request, dead_letter, after);
    CLEAR(request, after, existing);
    request->existing = false;
}

/* [number, operation, ack, ...: sets how many values follow. */
static int decode_head(struct decoder *d, uint32_t *more)
{
    struct request *request = d->request;
    uint32_t count;
    uint64_t op;

    if (!reader_array(&d->in, &count))
        return reader_fail(&d->in, d->problem, "request", "array");
    if (count < 3)
        return problem_set(d->problem, TS_PROTOCOL, 0,
                           "a request has at least number, operation and acknowledgement");
    if (!reader_uint(&d->in, &request->number))
        return reader_fail(&d->in, d->problem, "request's number", "uint");
    size_t offset = reader_offset(&d->in);
    if (!reader_uint(&d->in, &op))
        return reader_fail(&d->in, d->problem, "operation", "uint");
    if (op >= TSD_OP_END || !operations[op].name)
        return problem_set(d->problem, TS_PROTOCOL, offset, "unknown operation %llu",
                           (unsigned long long)op);
    request->op = (enum tsd_operation)op;
    if (!reader_uint(&d->in, &request->ack))
        return reader_fail(&d->in, d->problem, "acknowledgement", "uint");
    if (request->number == 0 && request->op != TSD_OP_ACK)
        return problem_set(d->problem, TS_PROTOCOL, 1, "request number 0 is for ack only, not %s",
                           operations[op].name);
    *more = count - 3;
    return 0;
}

static int decode_arguments(struct decoder *d, const char *letters)
{
    for (; *letters; letters++) {
        int error = field_decode(d, &request_arguments[*letters - 'a']);
        if (error)
            return error;
    }
    return 0;
}

static int decode_option(struct decoder *d)
{
    struct request *request = d->request;
    uint32_t option = 0;
    int error = decoder_option(d, operations[request->op].name, operations[request->op].options,
                               &request->has, &option);

    return error ? error : field_decode(d, &request_options[option]);
}

static int decode_options(struct decoder *d)
{
    const size_t offset = reader_offset(&d->in);
    struct request *request = d->request;
    uint32_t pairs;

    if (!reader_map(&d->in, &pairs))
        return reader_fail(&d->in, d->problem, "options", "map");
    while (pairs-- > 0) {
        int error = decode_option(d);
        if (error)
            return error;
    }
    if (!(request->has & TSD_HAS(MAX)))
        request->max = request->min;
    if (request->has & TSD_HAS(MIN) && request->min > request->max)
        return problem_set(d->problem, TS_MALFORMED, offset, "option min: %u is more than max, %u",
                           request->min, request->max);
    return request->has & OPTIONS_CHECKED ? options_check(d, offset) : 0;
}

/*
 * How many values a body has at all levels. Each is a byte at least, so only a body of more bytes
 * than the limit on values needs to be walked for it: the usual request is walked once, by checks.
 */
static int check_values(struct decoder *d)
{
    const uint8_t *p = d->in.body;
    struct value v;

    if (d->in.end - d->in.body <= LIMIT_FRAME_VALUES)
        return 0;
    for (uint32_t values = 0; p && p < d->in.end; values++) {
        if (values == LIMIT_FRAME_VALUES)
            return problem_set(d->problem, TS_LIMIT, (size_t)(p - d->in.body),
                               "the frame has more than %d values", LIMIT_FRAME_VALUES);
        p = value_read(p, d->in.end, &v);
    }
    return 0;
}

static int decode_body(struct decoder *d, uint32_t more)
{
    const char *letters = operations[d->request->op].arguments;
    const uint32_t want = operations[d->request->op].argument_count;
    int error;

    if (more != want && more != want + 1)
        return problem_set(d->problem, TS_PROTOCOL, 0,
                           "%s has %u arguments and a map of options, not %u values",
                           operations[d->request->op].name, want, more);
    error = check_values(d);
    if (!error)
        error = decode_arguments(d, letters);
    if (!error && more > want)
        error = decode_options(d);
    if (!error && d->request->op == TSD_OP_COPY && !(d->request->has & TSD_HAS(TO)))
        error = problem_set(d->problem, TS_INVALID, reader_offset(&d->in),
                            "copy needs the option to: the space that the copies go to");
    if (!error && !reader_at_end(&d->in))
        error = problem_set(d->problem, TS_PROTOCOL, reader_offset(&d->in),
                            "bytes after the end of the request");
    return error;
}

int request_decode(const struct frame *frame, struct pattern_room *room, struct request *request,
                   struct problem *problem)
{
    struct decoder d = {reader_of(frame), room, request, problem, false};
    uint32_t more = 0;
    int error;

    set_defaults(request);
    room->used = 0;
    error = decode_head(&d, &more);
    if (error)
        return error;
    error = decode_body(&d, more);
    /* what refuses a request is told only where the frame itself is in order */
    if (error && error != -TS_PROTOCOL && value_skip(d.in.body, d.in.end) != d.in.end)
        return problem_set(problem, TS_PROTOCOL, 0, "the frame is not one whole MessagePack array");
    return error;
}

void request_encode(const struct request *request, struct buffer *out)
{
    const char *letters = operations[request->op].arguments;
    const uint64_t has = (request->has | request->putting.has) & operations[request->op].options;
    const size_t begun = frame_begin(out);
    msgpack_packer packer = buffer_packer(out);
    const size_t count = operations[request->op].argument_count;

    msgpack_pack_array(&packer, 3 + count + (has ? 1 : 0));
    msgpack_pack_uint64(&packer, request->number);
    msgpack_pack_uint32(&packer, request->op);
    msgpack_pack_uint64(&packer, request->ack);
    for (; *letters; letters++)
        field_encode(&request_arguments[*letters - 'a'], request, out);
    if (has)
        msgpack_pack_map(&packer, (size_t)__builtin_popcountll(has));
    for (uint32_t key = 0; key < TSD_OPTION_END; key++) {
        if (!(has & 1ull << key))
            continue;
        msgpack_pack_uint32(&packer, key);
        field_encode(&request_options[key], request, out);
    }
    frame_end(out, begun);
}
