/* SPDX-License-Identifier: MIT */
/*
 * The notation's tokens: text cut at the longest token first (rule P9).
 *
 * A lexer owns nothing and may be copied to look ahead. The text is valid UTF-8; offsets are bytes
 * of it. A token of a str, number or expression is whole and in order once it is cut; only base64 is
 * not decoded before it is used.
 */
#ifndef TSD_PROTOCOL_TEXT_LEX_H
#define TSD_PROTOCOL_TEXT_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/numbers.h"
#include "protocol/problem.h"

/* Brackets and the signs , : | & ! # are tokens of their own character. */
enum token_kind {
    TOKEN_END = 0,
    TOKEN_REST = 256, /* ... */
    TOKEN_RANGE,      /* .. */
    TOKEN_COMPARE,    /* op: LT LE GT GE NE */
    TOKEN_AFFIX,      /* op: PREFIX SUFFIX INFIX; their operand is the next token */
    TOKEN_TYPE,       /* op: ANY or a type's */
    TOKEN_REGEX,      /* body; flag is `i` or 0 */
    TOKEN_NAME,       /* body, without the $ */
    TOKEN_STR,        /* body, with its escapes; length without them */
    TOKEN_BIN,        /* body, in base64 */
    TOKEN_EXT,        /* the same, and ext_type */
    TOKEN_INT,        /* integer, negative */
    TOKEN_FLOAT,      /* real */
    TOKEN_NULL,
    TOKEN_TRUE,
    TOKEN_FALSE,
};

struct token {
    int kind;
    enum tsd_matcher op;
    size_t start, end;
    size_t body, body_size; /* what stands between quotes or slashes */
    union {
        size_t length;
        uint64_t integer; /* negative: as an int64_t */
        double real;
        int8_t ext_type;
        char flag;
    };
    bool negative;
};

struct lexer {
    const char *text;
    size_t size;
    size_t at; /* where the next token, or the blanks before it, begin */
    struct problem *problem;
};

/* Cuts the next token off. Returns 0, or -TS_MALFORMED with the problem set. */
int lexer_next(struct lexer *lex, struct token *token);

/* Sets a TS_MALFORMED problem at a byte of the text; returns -TS_MALFORMED. */
#define lexer_fail(lex, offset, ...) problem_set((lex)->problem, TS_MALFORMED, offset, __VA_ARGS__)

#endif
