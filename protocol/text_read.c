/* SPDX-License-Identifier: MIT */
#include "protocol/text_read.h"

#include <stdlib.h>

#include "protocol/pattern.h"
#include "protocol/text_parse.h"
#include "protocol/tuple.h"
#include "protocol/utf8.h"
#include "protocol/value.h"

/* What a text may be: how it begins, is read, and what must then hold. */
struct kind {
    const char *name;
    bool pattern;
    int (*parse)(struct parser *p);
    int (*check)(const uint8_t *bytes, size_t size, struct problem *problem);
};

static int check_tuple(const uint8_t *bytes, size_t size, struct problem *problem)
{
    struct tuple_view tuple;

    return tuple_check(bytes, bytes + size, &tuple, problem);
}

static int check_pattern(const uint8_t *bytes, size_t size, struct problem *problem)
{
    struct pattern_room *room = malloc(sizeof(*room)); /* too large for a small stack */
    struct pattern pattern;
    int error;

    if (!room)
        return problem_set(problem, TS_NO_MEMORY, 0, "out of memory");
    room->used = 0;
    error = pattern_check(bytes, bytes + size, room, &pattern, NULL, problem);
    free(room);
    return error;
}

static int check_value(const uint8_t *bytes, size_t size, struct problem *problem)
{
    struct value_budget budget = {LIMIT_TUPLE_VALUES, LIMIT_DEPTH};

    return value_check(bytes, bytes + size, &budget, problem) ? 0 : -(int)problem->status;
}

/* What the grammar gives is well-formed. */
static int check_nothing(const uint8_t *bytes, size_t size, struct problem *problem)
{
    (void)bytes, (void)size, (void)problem;
    return 0;
}

static int parse_bracketed(struct parser *p, const char *what, int (*parse)(struct parser *p))
{
    if (p->token.kind != '[')
        return parser_fail(p, p->token.start, "a %s stands in brackets: [\"task\", 1]", what);
    return parse(p);
}

static int parse_whole_tuple(struct parser *p)
{
    return parse_bracketed(p, "tuple", parse_tuple);
}

static int parse_whole_pattern(struct parser *p)
{
    return parse_bracketed(p, "pattern", parse_pattern);
}

static int parse_whole_value(struct parser *p)
{
    return parse_value(p, "a value");
}

static const struct kind kind_tuple = {"tuple", false, parse_whole_tuple, check_tuple};
static const struct kind kind_form = {"tuple", false, parse_whole_tuple, check_nothing};
static const struct kind kind_pattern = {"pattern", true, parse_whole_pattern, check_pattern};
static const struct kind kind_value = {"value", false, parse_whole_value, check_value};

/* The grammar: all of the text. */
static int parse_text(struct parser *p, const struct kind *kind)
{
    int error = parser_advance(p);

    if (!error)
        error = kind->parse(p);
    if (error)
        return error;
    if (p->token.kind != TOKEN_END)
        return parser_fail(p, p->token.start, "something follows after the end of the %s",
                           kind->name);
    return p->out->failed ? problem_set(p->lex.problem, TS_NO_MEMORY, 0, "out of memory") : 0;
}

static struct parser parser_of(const char *text, size_t size, const struct kind *kind,
                               const struct text_names *names, struct buffer *out,
                               struct problem *problem)
{
    return (struct parser){
        .lex = {.text = text, .size = size, .problem = problem},
        .names = names,
        .out = out,
        .base = out->size,
        .pattern = kind->pattern,
    };
}

/* How many heads stand before this place of the output. */
static uint64_t heads_before(const struct parser *p, size_t offset)
{
    const uint8_t *at = p->out->bytes + p->base, *place = at + offset;
    const uint8_t *end = p->out->bytes + p->out->size;
    struct value head;
    uint64_t heads = 0;

    while (at < place) {
        at = value_read(at, end, &head);
        if (!at || at > place)
            break;
        heads++;
    }
    return heads;
}

/* Turns the problem's offset in the output into the place in the text: reads the text again. */
static void find_caret(struct parser *p, const struct kind *kind)
{
    struct problem *problem = p->lex.problem, ignored;
    struct parser again = parser_of(p->lex.text, p->lex.size, kind, p->names, p->out, &ignored);

    again.seek = heads_before(p, problem->offset);
    again.out->size = again.base = p->base;
    parse_text(&again, kind);
    problem->offset = again.caret;
    if (problem->status == TS_PROTOCOL)
        problem->status = TS_MALFORMED;
}

static int read_checked(struct parser *p, const struct kind *kind)
{
    struct problem *problem = p->lex.problem;
    const size_t valid = utf8_valid_size(p->lex.text, p->lex.size);
    int error;

    if (valid < p->lex.size)
        return parser_fail(p, valid, "not valid UTF-8");
    error = parse_text(p, kind);
    if (error)
        return error;
    error = kind->check(p->out->bytes + p->base, p->out->size - p->base, problem);
    if (error)
        find_caret(p, kind);
    return error ? -(int)problem->status : 0;
}

static int read_text(const char *text, size_t size, const struct kind *kind,
                     const struct text_names *names, struct buffer *out, struct problem *problem)
{
    const size_t base = out->size;
    const bool failed = out->failed;
    struct parser p = parser_of(text, size, kind, names, out, problem);
    int error = read_checked(&p, kind);

    if (error) {
        out->size = base;
        out->failed = failed;
    }
    return error;
}

int text_read_tuple(const char *text, size_t size, const struct text_names *names,
                    struct buffer *out, struct problem *problem)
{
    return read_text(text, size, &kind_tuple, names, out, problem);
}

int text_read_form(const char *text, size_t size, struct buffer *out, struct problem *problem)
{
    return read_text(text, size, &kind_form, NULL, out, problem);
}

int text_read_pattern(const char *text, size_t size, const struct text_names *names,
                      struct buffer *out, struct problem *problem)
{
    return read_text(text, size, &kind_pattern, names, out, problem);
}

int text_read_value(const char *text, size_t size, struct buffer *out, struct problem *problem)
{
    return read_text(text, size, &kind_value, NULL, out, problem);
}
