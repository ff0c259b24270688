/* SPDX-License-Identifier: MIT */
/*
 * Reading the notation, in parts: text_value.c has the literals, text_pattern.c the matchers,
 * text_read.c what is asked for from outside.
 *
 * A parser holds one token ahead and appends MessagePack to `out`. Each parse_... reads what stands
 * next, returns 0 or -status with the problem set. It checks the grammar; the rules of tuples and
 * patterns are checked on the finished bytes, by the same code as everywhere. To find the place of
 * such a problem in the text the parser counts the heads of values that it writes, which come in the
 * order of the text: parsing again with `seek` at the head in question leaves its place in `caret`.
 */
#ifndef TSD_PROTOCOL_TEXT_PARSE_H
#define TSD_PROTOCOL_TEXT_PARSE_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/buffer.h"
#include "protocol/limits.h"
#include "protocol/text_lex.h"
#include "protocol/text_read.h"

/* Levels that a text may nest, so that the stack is bounded: more than any rule allows. */
#define PARSE_DEPTH (3 * LIMIT_DEPTH)

struct parser {
    struct lexer lex;
    struct token token; /* the next one */
    const struct text_names *names;
    struct buffer *out;
    size_t base;  /* where the output begins in it */
    bool pattern; /* matchers are allowed */
    unsigned depth;
    uint64_t heads; /* heads of values written */
    uint64_t seek;  /* the head whose place is wanted */
    size_t caret;   /* the last place at which no more heads than that were written */
};

int parser_advance(struct parser *p);

/* A level down, where that is not too deep; each with a parser_leave. */
int parser_enter(struct parser *p);
void parser_leave(struct parser *p);

/* To be called where the text of a value or matcher begins, before anything of it is written. */
void parser_mark(struct parser *p);

#define parser_fail(p, offset, ...) lexer_fail(&(p)->lex, offset, __VA_ARGS__)

/*
 * Items up to the closing bracket, with commas between them; the opening one is the next token.
 * Counts them. `item` reads one and sets *last where only the bracket may follow.
 */
struct list {
    char close;
    const char *what; /* "array", "map", "tuple", "pattern" */
    int (*item)(struct parser *p, bool *last);
    uint32_t count;
    bool last; /* the last item was one that only the bracket may follow */
};
int parse_list(struct parser *p, struct list *list);

/* Whether the next token begins a matcher that is no literal, and what to say where it may not. */
bool parser_at_matcher(const struct parser *p);
int parser_matcher_complaint(struct parser *p, const char *what);

/* The text ends before the bracket that closes `what`, which was opened at `open`. */
int parser_end_complaint(struct parser *p, char close, const char *what, size_t open);

/* An array or map whose number of items is known at its end only. */
size_t container_begin(struct parser *p);
void container_end(struct parser *p, size_t begun, bool map, uint32_t count);

/* A literal: `what` it is for, in errors ("a value", "a key"). */
int parse_value(struct parser *p, const char *what);

int parse_matcher(struct parser *p);
int parse_pattern(struct parser *p);
int parse_tuple(struct parser *p);

#endif
