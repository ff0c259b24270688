/* SPDX-License-Identifier: MIT */
/*
 * The notation for users of the library, and the names of statuses.
 */
#include <stdlib.h>
#include <string.h>

#include <tsclient.h>

#include "protocol/limits.h"
#include "protocol/names.h"
#include "protocol/text_read.h"
#include "protocol/text_write.h"
#include "protocol/tuple.h"
#include "protocol/value.h"

typedef int (*reader)(const char *text, size_t size, const struct text_names *names,
                      struct buffer *out, struct problem *problem);

static const uint8_t *find_name(void *context, const char *name, size_t length, size_t *size)
{
    const ts_names *names = context;

    return names->find(names->context, name, length, size);
}

static void tell(ts_problem *problem, const struct problem *inner)
{
    if (!problem)
        return;
    problem->status = inner->status;
    problem->offset = inner->offset;
    memcpy(problem->text, inner->text, sizeof(problem->text));
}

static ts_status parse(reader read, const char *text, size_t length, const ts_names *names,
                       void **bytes, size_t *size, ts_problem *problem)
{
    const struct text_names inner_names = {find_name, (void *)names};
    struct buffer out = BUFFER_INIT;
    struct problem inner = {.status = TS_OK};

    if (read(text, length, names ? &inner_names : NULL, &out, &inner) == 0 && out.failed)
        problem_set(&inner, TS_NO_MEMORY, 0, "out of memory");
    tell(problem, &inner);
    if (inner.status != TS_OK) {
        buffer_deinit(&out);
        return inner.status;
    }
    *bytes = out.bytes;
    *size = out.size;
    return TS_OK;
}

ts_status ts_parse_tuple(const char *text, size_t length, const ts_names *names, void **bytes,
                         size_t *size, ts_problem *problem)
{
    return parse(text_read_tuple, text, length, names, bytes, size, problem);
}

ts_status ts_parse_pattern(const char *text, size_t length, const ts_names *names, void **bytes,
                           size_t *size, ts_problem *problem)
{
    return parse(text_read_pattern, text, length, names, bytes, size, problem);
}

static int read_value(const char *text, size_t size, const struct text_names *names,
                      struct buffer *out, struct problem *problem)
{
    (void)names;
    return text_read_value(text, size, out, problem);
}

ts_status ts_parse_value(const char *text, size_t length, void **bytes, size_t *size,
                         ts_problem *problem)
{
    return parse(read_value, text, length, NULL, bytes, size, problem);
}

/* The text ended by NUL, which is the caller's now. */
static char *take_text(struct buffer *text)
{
    buffer_append_byte(text, '\0');
    if (!text->failed)
        return (char *)text->bytes;
    buffer_deinit(text);
    return NULL;
}

/* A tuple is a level above the values that the limit counts (rule V2). */
static char *print(const void *bytes, size_t size, void (*write)(const uint8_t *, struct buffer *))
{
    struct value_budget budget = {LIMIT_TUPLE_VALUES, LIMIT_DEPTH + 1};
    const uint8_t *p = bytes;
    struct buffer text = BUFFER_INIT;
    struct problem problem;

    if (size == 0 || value_check(p, p + size, &budget, &problem) != p + size)
        return NULL;
    write(p, &text);
    return take_text(&text);
}

char *ts_print(const void *bytes, size_t size)
{
    return print(bytes, size, text_write_value);
}

char *ts_print_json(const void *bytes, size_t size)
{
    return print(bytes, size, text_write_json);
}

char *ts_print_pattern(const void *bytes, size_t size)
{
    struct pattern_room *room = malloc(sizeof(*room));
    const uint8_t *p = bytes, *after;
    struct buffer text = BUFFER_INIT;
    struct pattern pattern;
    struct problem problem;
    char *printed = NULL;

    if (!room)
        return NULL;
    room->used = 0;
    if (pattern_check(p, p + size, room, &pattern, &after, &problem) == 0 && after == p + size) {
        text_write_pattern(&pattern, &text);
        printed = take_text(&text);
    }
    free(room);
    return printed;
}

const char *ts_status_name(ts_status status)
{
    return status_name(status);
}

const char *ts_status_text(ts_status status)
{
    return status_text(status);
}

const char *ts_status_hint(ts_status status)
{
    return status_hint(status);
}

const char *ts_version(void)
{
    return TSCLIENT_VERSION;
}
