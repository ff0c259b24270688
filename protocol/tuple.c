/* SPDX-License-Identifier: MIT */
#include "protocol/tuple.h"

#include "protocol/limits.h"
#include "protocol/value.h"

/* Reads the head; what follows it is the first field. */
static const uint8_t *check_head(const uint8_t *p, const uint8_t *end, uint32_t *fields,
                                 struct problem *problem)
{
    struct value head;

    if (p < end && VALUE_IS_SHORT_ARRAY(*p) && *p != 0x90) { /* nearly all */
        *fields = *p & 0x0f;
        return p + 1;
    }
    const uint8_t *first = value_read(p, end, &head);
    if (!first)
        problem_set(problem, TS_PROTOCOL, 0, "a tuple is cut off");
    else if (head.type != VALUE_ARRAY)
        problem_set(problem, TS_MALFORMED, 0,
                    "a tuple is an array of fields, not a value of type %s",
                    value_type_name(head.type));
    else if (head.length == 0)
        problem_set(problem, TS_MALFORMED, 0, "a tuple has at least one field");
    else if (head.length > LIMIT_TUPLE_FIELDS)
        problem_set(problem, TS_LIMIT, 0, "a tuple of %u fields: the limit is %u", head.length,
                    LIMIT_TUPLE_FIELDS);
    else {
        *fields = head.length;
        return first;
    }
    return NULL;
}

int tuple_check(const uint8_t *p, const uint8_t *end, struct tuple_view *tuple,
                struct problem *problem)
{
    struct value_budget budget = {LIMIT_TUPLE_VALUES, LIMIT_DEPTH};
    uint32_t fields = 0;
    const uint8_t *at = check_head(p, end, &fields, problem);
    if (!at)
        return -(int)problem->status;

    for (uint32_t i = 0; i < fields; i++) {
        const uint8_t *after = value_check(at, end, &budget, problem);
        if (!after) {
            problem->offset += (size_t)(at - p);
            problem_within(problem, "field %u", i + 1);
            return -(int)problem->status;
        }
        at = after;
    }
    if ((size_t)(at - p) > LIMIT_TUPLE_BYTES)
        return problem_set(problem, TS_LIMIT, 0, "a tuple of %zu bytes: the limit is %zu",
                           (size_t)(at - p), LIMIT_TUPLE_BYTES);
    *tuple = (struct tuple_view){p, (uint32_t)(at - p), fields};
    return 0;
}

/* Reads the head of a checked tuple. */
static inline const uint8_t *read_head(const uint8_t *p, uint32_t *fields)
{
    struct value head;

    if (VALUE_IS_SHORT_ARRAY(*p)) { /* nearly all */
        *fields = *p & 0x0f;
        return p + 1;
    }
    p = value_read_long_trusted(p, &head);
    *fields = head.length;
    return p;
}

struct tuple_view tuple_at(const uint8_t *p)
{
    uint32_t fields;
    const uint8_t *at = read_head(p, &fields);

    for (uint32_t i = 0; i < fields; i++)
        at = value_skip_trusted(at);
    return (struct tuple_view){p, (uint32_t)(at - p), fields};
}

const uint8_t *tuple_first(const uint8_t *bytes)
{
    uint32_t fields;

    return read_head(bytes, &fields);
}
