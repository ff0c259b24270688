/* SPDX-License-Identifier: MIT */
/*
 * Strs between quotes, as JSON has them, read; text_write_string is their other direction.
 */
#ifndef TSD_PROTOCOL_TEXT_STRING_H
#define TSD_PROTOCOL_TEXT_STRING_H

#include "protocol/text_lex.h"

/*
 * Cuts the string whose quote stands at lex->at: sets the token's body and length and moves past
 * the closing quote. Returns 0, or -TS_MALFORMED with the problem set.
 */
int string_scan(struct lexer *lex, struct token *token);

/* Writes a scanned body without its escapes: token->length bytes. */
void string_unescape(const char *body, size_t size, uint8_t *to);

#endif
