/* SPDX-License-Identifier: MIT */
/*
 * Numbers, both ways: as JSON writes them, whatever the locale (rule P9).
 */
#ifndef TSD_PROTOCOL_TEXT_NUMBER_H
#define TSD_PROTOCOL_TEXT_NUMBER_H

#include "protocol/buffer.h"
#include "protocol/text_lex.h"

/*
 * Cuts the number at lex->at, a digit or `-`: sets the token's kind and value and moves past it.
 * Returns 0, or -TS_MALFORMED with the problem set.
 */
int number_scan(struct lexer *lex, struct token *token);

/*
 * Appends the shortest text that reads back as this float, always with a fraction or an exponent;
 * nan, inf and -inf as words.
 */
void number_write_float(double real, struct buffer *out);

#endif
