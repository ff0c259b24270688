/* SPDX-License-Identifier: MIT */
#include "protocol/text_parse.h"

#include <string.h>

int parser_advance(struct parser *p)
{
    return lexer_next(&p->lex, &p->token);
}

int parser_enter(struct parser *p)
{
    if (p->depth == PARSE_DEPTH)
        return problem_set(p->lex.problem, TS_LIMIT, p->token.start,
                           "nested more than %d levels deep", PARSE_DEPTH);
    p->depth++;
    return 0;
}

void parser_leave(struct parser *p)
{
    p->depth--;
}

void parser_mark(struct parser *p)
{
    if (p->heads <= p->seek)
        p->caret = p->token.start;
}

bool parser_at_matcher(const struct parser *p)
{
    switch (p->token.kind) {
    case TOKEN_TYPE:
    case TOKEN_COMPARE:
    case TOKEN_AFFIX:
    case TOKEN_REGEX:
    case TOKEN_REST:
    case TOKEN_RANGE:
    case '!':
    case '#':
    case '(':
        return true;
    default:
        return false;
    }
}

int parser_matcher_complaint(struct parser *p, const char *what)
{
    if (p->pattern)
        return parser_fail(p, p->token.start, "%s is to stand here, not a matcher", what);
    return parser_fail(p, p->token.start,
                       "a matcher may stand only in patterns, those of in, rd, scan and count: a "
                       "tuple has values only");
}

size_t container_begin(struct parser *p)
{
    const size_t begun = p->out->size;

    buffer_append_byte(p->out, 0); /* most heads are one byte */
    p->heads++;
    return begun;
}

void container_end(struct parser *p, size_t begun, bool map, uint32_t count)
{
    struct buffer *out = p->out;
    const size_t end = out->size;
    msgpack_packer packer = buffer_packer(out);
    uint8_t head[5];

    if (map)
        msgpack_pack_map(&packer, count);
    else
        msgpack_pack_array(&packer, count);
    if (out->failed)
        return;
    const size_t size = out->size - end;
    memcpy(head, out->bytes + end, size);
    memmove(out->bytes + begun + size, out->bytes + begun + 1, end - begun - 1);
    memcpy(out->bytes + begun, head, size);
    out->size = end + size - 1;
}

/* The text ends, and what was opened last is still open: a caret at the end does not show where. */
int parser_end_complaint(struct parser *p, char close, const char *what, size_t open)
{
    const char *text = p->lex.text;
    size_t line = 1, column = 1;

    if (p->depth == 1)
        return parser_fail(p, p->token.start, "the text ends before the %c of the %s", close, what);
    for (size_t i = 0; i < open; i++) {
        if (text[i] == '\n') {
            line++;
            column = 1;
        } else if ((text[i] & 0xc0) != 0x80) { /* no byte inside a character */
            column++;
        }
    }
    if (line == 1)
        return parser_fail(p, p->token.start, "the text ends before the %c of the %s in column %zu",
                           close, what, column);
    return parser_fail(p, p->token.start,
                       "the text ends before the %c of the %s in line %zu, column %zu", close, what,
                       line, column);
}

/* What follows an item is neither a comma nor the closing bracket. */
static int list_complaint(struct parser *p, const struct list *list, size_t open)
{
    const size_t at = p->token.start;

    if (parser_at_matcher(p) && !p->pattern)
        return parser_matcher_complaint(p, "a value");
    switch (p->token.kind) {
    case TOKEN_END:
        return parser_end_complaint(p, list->close, list->what, open);
    case '|':
    case '&':
        return parser_fail(p, at, "%c stands in parentheses: (m1 %c m2)", p->token.kind,
                           p->token.kind);
    case TOKEN_RANGE:
        return parser_fail(p, at, "a range has one value on each side, lo..hi");
    case ']':
    case '}':
    case ')':
    case ':':
        return parser_fail(p, at, "%c has no place here: the %s ends with %c", p->token.kind,
                           list->what, list->close);
    default:
        return parser_fail(p, at, "a comma is missing before this");
    }
}

static int after_item(struct parser *p, const struct list *list, size_t open)
{
    const size_t comma = p->token.start;
    int error;

    if (p->token.kind == list->close)
        return 0;
    if (p->token.kind != ',')
        return list_complaint(p, list, open);
    if (list->last)
        return parser_fail(p, comma, "... stands only as the last");
    error = parser_advance(p);
    if (!error && p->token.kind == list->close)
        return parser_fail(p, comma, "no comma stands after the last");
    return error;
}

int parse_list(struct parser *p, struct list *list)
{
    const size_t open = p->token.start;
    int error = parser_enter(p);

    if (error)
        return error;
    list->count = 0;
    list->last = false;
    error = parser_advance(p);
    while (!error && p->token.kind != list->close) {
        if (p->token.kind == TOKEN_END)
            return list_complaint(p, list, open);
        error = list->item(p, &list->last);
        list->count++;
        if (!error)
            error = after_item(p, list, open);
    }
    parser_leave(p);
    return error ? error : parser_advance(p);
}
