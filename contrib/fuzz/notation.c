/* SPDX-License-Identifier: MIT */
/*
 * Notation: text read, written and read again, as a tuple, a pattern and a value; and, where the
 * input is MessagePack, its value written and read, in the notation and as strict JSON (rule P9).
 */
#include "contrib/fuzz/fuzz.h"
#include "protocol/equal.h"
#include "protocol/text_read.h"
#include "protocol/text_write.h"
#include "protocol/tuple.h"
#include "protocol/utf8.h"
#include "protocol/value.h"
#include "tsctl/json_read.h"
#include "tsctl/memory.h"

const unsigned fuzz_replays = 20000;

/* tsctl's own says so to its user and exits. */
void memory_check(bool enough)
{
    FUZZ_CHECK(enough, "out of memory");
}

enum reading { TUPLE, PATTERN, VALUE };

static struct pattern_room room;

/* $a is 1, $b a str; whoever asks for $n.. has a tuple. */
static const uint8_t *find(void *context, const char *name, size_t length, size_t *size)
{
    static const uint8_t one[] = {1}, text[] = {0xa2, 'h', 'i'}, tuple[] = {0x92, 1, 0xa1, 'x'};
    (void)context;
    const char first = length > 0 ? name[0] : 0;
    *size = first == 'a' ? sizeof one : first == 'b' ? sizeof text : sizeof tuple;
    return first == 'a' ? one : first == 'b' ? text : first == 'n' ? tuple : NULL;
}

static const struct text_names names = {find, NULL};

static int read_text(enum reading as, const char *text, size_t size, struct buffer *out,
                     struct problem *problem)
{
    if (as == TUPLE)
        return text_read_tuple(text, size, &names, out, problem);
    if (as == PATTERN)
        return text_read_pattern(text, size, &names, out, problem);
    return text_read_value(text, size, out, problem);
}

/* NaN equals nothing. */
static bool has_nan(const uint8_t *p, const uint8_t *end)
{
    struct value value;
    while (p < end) {
        p = value_read_trusted(p, &value);
        if (value.type == VALUE_FLOAT && value.real != value.real)
            return true;
    }
    return false;
}

static bool same(const struct buffer *a, const struct buffer *b)
{
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

/* What is read is valid; of a pattern, its nodes are needed to write it. */
static void write_text(enum reading as, const struct buffer *packed, struct buffer *text)
{
    const uint8_t *end = packed->bytes + packed->size;
    struct problem problem = {0};
    struct tuple_view tuple;
    struct pattern pattern;
    struct value_budget budget = {LIMIT_TUPLE_VALUES, LIMIT_DEPTH};
    room.used = 0;
    if (as == TUPLE)
        FUZZ_CHECK(tuple_check(packed->bytes, end, &tuple, &problem) == 0, "%s", problem.text);
    else if (as == PATTERN)
        FUZZ_CHECK(pattern_check(packed->bytes, end, &room, &pattern, NULL, &problem) == 0, "%s",
                   problem.text);
    else
        FUZZ_CHECK(value_check(packed->bytes, end, &budget, &problem) == end, "%s", problem.text);
    if (as == PATTERN)
        text_write_pattern(&pattern, text);
    else
        text_write_value(packed->bytes, text);
    FUZZ_CHECK(utf8_is_valid(text->bytes, text->size), "what is written is UTF-8");
}

/* What is written is read as the same, and then written as the same. */
static void write_and_read(enum reading as, const struct buffer *packed)
{
    struct buffer text = BUFFER_INIT, again = BUFFER_INIT, second = BUFFER_INIT;
    struct problem problem = {0};
    write_text(as, packed, &text);
    FUZZ_CHECK(read_text(as, (const char *)text.bytes, text.size, &again, &problem) == 0,
               "%.*s: %s", (int)text.size, (const char *)text.bytes, problem.text);
    FUZZ_CHECK(as == PATTERN || has_nan(packed->bytes, packed->bytes + packed->size) ||
                   value_equal(packed->bytes, again.bytes),
               "%.*s is another value", (int)text.size, (const char *)text.bytes);
    write_text(as, &again, &second);
    FUZZ_CHECK(same(&text, &second), "%.*s, then %.*s", (int)text.size, (const char *)text.bytes,
               (int)second.size, (const char *)second.bytes);
    buffer_deinit(&text);
    buffer_deinit(&again);
    buffer_deinit(&second);
}

static void check_problem(const struct problem *problem, int error, size_t size)
{
    FUZZ_CHECK(problem->status == (enum ts_status) - error, "status %d", error);
    FUZZ_CHECK(error == -TS_MALFORMED || error == -TS_LIMIT, "status %d", error);
    FUZZ_CHECK(problem->offset <= size, "the caret is at %zu of %zu", problem->offset, size);
    FUZZ_CHECK(problem->text[0] && utf8_is_valid(problem->text, strlen(problem->text)), "%s",
               problem->text);
}

/* The caret stands before a whole character, or after the last. */
static void check_caret(const struct problem *problem, const char *text, size_t size)
{
    const bool whole = utf8_is_valid(text, size);
    FUZZ_CHECK(!whole || problem->offset == size || ((uint8_t)text[problem->offset] & 0xc0) != 0x80,
               "the caret is inside a character at %zu: %s", problem->offset, problem->text);
}

static void try_text(enum reading as, const char *text, size_t size)
{
    struct buffer packed = BUFFER_INIT;
    struct problem problem = {0};
    buffer_append(&packed, "before", 6);
    const int error = read_text(as, text, size, &packed, &problem);
    if (error < 0) {
        check_problem(&problem, error, size);
        check_caret(&problem, text, size);
        FUZZ_CHECK(packed.size == 6, "%zu bytes are left over", packed.size - 6);
    } else {
        memmove(packed.bytes, packed.bytes + 6, packed.size -= 6);
        write_and_read(as, &packed);
    }
    buffer_deinit(&packed);
}

static void try_json_text(const char *text, size_t size)
{
    struct buffer packed = BUFFER_INIT;
    struct problem problem = {0};
    const int error = json_read_tuple(text, size, &packed, &problem);
    if (error < 0) {
        check_problem(&problem, error, size);
        FUZZ_CHECK(packed.size == 0, "%zu bytes are left over", packed.size);
    } else {
        write_and_read(TUPLE, &packed);
    }
    buffer_deinit(&packed);
}

/* A tuple as JSON is read as the same tuple. */
static void try_json(const uint8_t *tuple, size_t size)
{
    struct buffer json = BUFFER_INIT, again = BUFFER_INIT;
    struct problem problem = {0};
    text_write_json(tuple, &json);
    FUZZ_CHECK(utf8_is_valid(json.bytes, json.size), "JSON is UTF-8");
    FUZZ_CHECK(json_read_tuple((const char *)json.bytes, json.size, &again, &problem) == 0,
               "%.*s: %s", (int)json.size, (const char *)json.bytes, problem.text);
    FUZZ_CHECK(has_nan(tuple, tuple + size) || value_equal(tuple, again.bytes),
               "%.*s is another tuple", (int)json.size, (const char *)json.bytes);
    buffer_deinit(&json);
    buffer_deinit(&again);
}

static void try_packed(const uint8_t *bytes, size_t size)
{
    struct value_budget budget = {LIMIT_TUPLE_VALUES, LIMIT_DEPTH};
    struct problem problem;
    struct tuple_view tuple;
    struct buffer packed = BUFFER_INIT;
    const uint8_t *end = value_check(bytes, bytes + size, &budget, &problem);
    if (!end)
        return;
    buffer_append(&packed, bytes, (size_t)(end - bytes));
    write_and_read(VALUE, &packed);
    buffer_deinit(&packed);
    if (tuple_check(bytes, end, &tuple, &problem) == 0)
        try_json(bytes, tuple.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = (char *)fuzz_copy(bytes, size);
    for (enum reading as = TUPLE; as <= VALUE; as++)
        try_text(as, text, size);
    try_json_text(text, size);
    free(text);
    try_packed(bytes, size);
    return 0;
}
