/* SPDX-License-Identifier: MIT */
#include "protocol/text_parse.h"
#include "protocol/value.h"

/* [number, of a matcher with so many operands, all of them to follow. */
static void matcher_begin(struct parser *p, enum tsd_matcher op, unsigned operands)
{
    buffer_append_byte(p->out, (uint8_t)(0x90 | (1 + operands)));
    buffer_append_byte(p->out, (uint8_t)op);
    p->heads += 2;
}

/* Values that have an order, each with their like (rule P2). */
enum ordered { UNORDERED, NUMBERS, STRS, BINS };

static enum ordered ordered_kind(enum value_type type)
{
    if (type == VALUE_INT || type == VALUE_FLOAT)
        return NUMBERS;
    return type == VALUE_STR ? STRS : type == VALUE_BIN ? BINS : UNORDERED;
}

/* Reads a literal operand and tells its type, for what the operator wants of it. */
static int parse_operand(struct parser *p, const char *what, enum value_type *type)
{
    const size_t at = p->out->size;
    int error = parse_value(p, what);

    if (error)
        return error;
    if (p->out->failed)
        return problem_set(p->lex.problem, TS_NO_MEMORY, 0, "out of memory");
    *type = value_type_of(p->out->bytes + at);
    return 0;
}

static int order_complaint(struct parser *p, size_t at, enum value_type type)
{
    return parser_fail(p, at, "a value of type %s has no order: numbers, strs and bins have",
                       value_type_name(type));
}

/* <v <=v >v >=v !=v */
static int parse_compare(struct parser *p)
{
    const enum tsd_matcher op = p->token.op;
    enum value_type type = VALUE_NIL;
    int error;

    matcher_begin(p, op, 1);
    error = parser_advance(p);
    if (error)
        return error;
    const size_t at = p->token.start;
    error = parse_operand(p, "a value", &type);
    if (!error && op != TSD_M_NE && ordered_kind(type) == UNORDERED)
        return order_complaint(p, at, type);
    return error;
}

/* ^"pre" $"post" *"mid" */
static int parse_affix(struct parser *p)
{
    enum value_type type = VALUE_NIL;
    int error;

    matcher_begin(p, p->token.op, 1);
    error = parser_advance(p);
    if (error)
        return error;
    const size_t at = p->token.start;
    error = parse_operand(p, "a str or bin", &type);
    if (!error && type != VALUE_STR && type != VALUE_BIN)
        return parser_fail(p, at, "a str or bin is to stand here, not a value of type %s",
                           value_type_name(type));
    return error;
}

/* v, or lo..hi once two points follow it: both have heads of two bytes. */
static int parse_literal(struct parser *p)
{
    const size_t at = p->out->size, low_at = p->token.start;
    enum value_type low = VALUE_NIL, high = VALUE_NIL;
    int error;

    matcher_begin(p, TSD_M_EQ, 1);
    error = parse_operand(p, "a matcher", &low);
    if (error || p->token.kind != TOKEN_RANGE)
        return error;

    p->out->bytes[at]++;
    p->out->bytes[at + 1] = TSD_M_RANGE;
    if (ordered_kind(low) == UNORDERED)
        return order_complaint(p, low_at, low);
    error = parser_advance(p);
    if (error)
        return error;
    const size_t high_at = p->token.start;
    error = parse_operand(p, "the end of the range", &high);
    if (!error && ordered_kind(low) != ordered_kind(high))
        return parser_fail(p, high_at, "the ends of a range are two numbers, two strs or two bins");
    return error;
}

static int parse_not(struct parser *p)
{
    int error = parser_enter(p);

    if (error)
        return error;
    matcher_begin(p, TSD_M_NOT, 1);
    error = parser_advance(p);
    if (!error)
        error = parse_matcher(p);
    parser_leave(p);
    return error;
}

static bool begins_length(const struct parser *p)
{
    switch (p->token.kind) {
    case TOKEN_COMPARE:
        return p->token.op != TSD_M_NE;
    case TOKEN_INT:
    case TOKEN_FLOAT:
    case TOKEN_NAME:
        return true;
    default:
        return false;
    }
}

/* #n #<n #lo..hi; that its numbers are whole and not below 0 is checked with the pattern. */
static int parse_length(struct parser *p)
{
    int error;

    matcher_begin(p, TSD_M_LENGTH, 1);
    error = parser_advance(p);
    if (error)
        return error;
    if (!begins_length(p))
        return parser_fail(p, p->token.start,
                           "a length is to stand here: #n, #<n, #<=n, #>n, #>=n or #lo..hi");
    return parse_matcher(p);
}

/* The expression as PCRE2 gets it: \/ is /, every other escape is the expression's own. */
static int parse_regex(struct parser *p)
{
    const char *body = p->lex.text + p->token.body;
    const char *end = body + p->token.body_size;
    struct buffer text = BUFFER_INIT;

    for (const char *c = body; c < end; c++) {
        if (*c == '\\' && c[1] != '/')
            buffer_append_byte(&text, (uint8_t)*c++);
        else if (*c == '\\')
            c++;
        buffer_append_byte(&text, (uint8_t)*c);
    }
    matcher_begin(p, TSD_M_REGEX, 2);
    p->heads += 2;
    buffer_pack_str(p->out, text.bytes, text.size);
    p->out->failed = p->out->failed || text.failed;
    buffer_deinit(&text);
    buffer_pack_str(p->out, "i", p->token.flag ? 1 : 0);
    return parser_advance(p);
}

/* (m1 | m2): opens like a list, but what parts the matchers says which it is (rule P5). */
static int parse_group_rest(struct parser *p, size_t open, int sign, uint32_t *count)
{
    int error = 0;

    while (!error && p->token.kind == sign) {
        error = parser_advance(p);
        if (!error)
            error = parse_matcher(p);
        ++*count;
    }
    if (error)
        return error;
    switch (p->token.kind) {
    case ')':
        return parser_advance(p);
    case '|':
    case '&':
        return parser_fail(p, p->token.start,
                           "| and & are mixed: put the inner ones in parentheses of their own");
    case TOKEN_END:
        return parser_end_complaint(p, ')', "(", open);
    default:
        return parser_fail(p, p->token.start, "%c or ) is to stand here", sign);
    }
}

static int parse_group_inner(struct parser *p, size_t open)
{
    const size_t begun = container_begin(p), number = p->out->size;
    uint32_t count = 1;
    int error;

    buffer_append_byte(p->out, TSD_M_OR);
    p->heads++;
    error = parser_advance(p);
    if (!error)
        error = parse_matcher(p);
    if (error)
        return error;
    const int sign = p->token.kind;
    if (sign == ')')
        return parser_fail(p, open, "parentheses hold at least two matchers: (m1 | m2)");
    if (sign == '&' && !p->out->failed)
        p->out->bytes[number] = TSD_M_AND;
    error = parse_group_rest(p, open, sign == '&' ? '&' : '|', &count);
    if (!error)
        container_end(p, begun, false, 1 + count);
    return error;
}

static int parse_group(struct parser *p)
{
    int error = parser_enter(p);

    if (error)
        return error;
    error = parse_group_inner(p, p->token.start);
    parser_leave(p);
    return error;
}

/* A matcher or the rest, which ends the list. */
static int parse_element(struct parser *p, bool *last)
{
    if (p->token.kind != TOKEN_REST)
        return parse_matcher(p);
    parser_mark(p);
    *last = true;
    matcher_begin(p, TSD_M_REST, 0);
    return parser_advance(p);
}

static int parse_pair(struct parser *p, bool *last)
{
    int error;

    if (p->token.kind == TOKEN_REST)
        return parse_element(p, last);
    error = parse_value(p, "a key");
    if (error)
        return error;
    if (p->token.kind != ':')
        return parser_fail(p, p->token.start, "a : is missing after the key");
    error = parser_advance(p);
    return error ? error : parse_matcher(p);
}

/* ELEMENTS or PAIRS: [number, matcher...], [number, key, matcher, ...]. */
static int parse_nested(struct parser *p)
{
    const bool map = p->token.kind == '{';
    struct list list = map ? (struct list){'}', "map", parse_pair, 0, false}
                           : (struct list){']', "array", parse_element, 0, false};
    const size_t begun = container_begin(p);
    int error;

    buffer_append_byte(p->out, map ? TSD_M_PAIRS : TSD_M_ELEMENTS);
    p->heads++;
    error = parse_list(p, &list);
    if (error)
        return error;
    /* a pair is two, the rest one */
    container_end(p, begun, false, 1 + list.count + (map ? list.count - list.last : 0));
    return 0;
}

/*
 * Whether the array or map that begins here has literals only and is one itself (rule P6): looks
 * for a matcher up to its closing bracket. What is wrong before that, as nesting too deep, is found
 * when it is read.
 */
static bool is_literal(const struct parser *p)
{
    struct parser ahead = *p;
    struct problem ignored;
    unsigned open = 0;

    ahead.lex.problem = &ignored;
    do {
        if (parser_at_matcher(&ahead))
            return false;
        if (ahead.token.kind == '[' || ahead.token.kind == '{')
            open++;
        if (ahead.token.kind == ']' || ahead.token.kind == '}')
            open--;
    } while (open > 0 && open <= PARSE_DEPTH && parser_advance(&ahead) == 0 &&
             ahead.token.kind != TOKEN_END);
    return true;
}

int parse_matcher(struct parser *p)
{
    parser_mark(p);
    switch (p->token.kind) {
    case TOKEN_TYPE:
        matcher_begin(p, p->token.op, 0);
        return parser_advance(p);
    case TOKEN_COMPARE:
        return parse_compare(p);
    case TOKEN_AFFIX:
        return parse_affix(p);
    case TOKEN_REGEX:
        return parse_regex(p);
    case TOKEN_REST:
        return parser_fail(p, p->token.start,
                           "... stands only as the last of a pattern, array or map");
    case TOKEN_RANGE:
        return parser_fail(p, p->token.start, "a range has one value on each side, lo..hi");
    case '!':
        return parse_not(p);
    case '#':
        return parse_length(p);
    case '(':
        return parse_group(p);
    case '[':
    case '{':
        if (!is_literal(p))
            return parse_nested(p);
        break;
    }
    return parse_literal(p);
}

int parse_pattern(struct parser *p)
{
    struct list list = {']', "pattern", parse_element, 0, false};
    const size_t begun = container_begin(p);
    int error = parse_list(p, &list);

    if (!error)
        container_end(p, begun, false, list.count);
    return error;
}
