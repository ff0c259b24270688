/* SPDX-License-Identifier: MIT */
/*
 * The notation, read: text to MessagePack (design: ts-notation(7); rules P5, P6, P9).
 *
 * Output is appended to a buffer: a tuple as its array of fields, a pattern as its array of matchers,
 * both as they go over the wire. What the notation allows is what tuple_check and pattern_check
 * allow: a text that is read is also valid (but for regular expressions, which only the daemon
 * compiles). One value per text, blanks around it allowed. UTF-8 throughout.
 */
#ifndef TSD_PROTOCOL_TEXT_READ_H
#define TSD_PROTOCOL_TEXT_READ_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/buffer.h"
#include "protocol/problem.h"

/*
 * Values for `$name` in a text. find returns the MessagePack of the value (size in *size), or NULL
 * where there is no such name.
 */
struct text_names {
    const uint8_t *(*find)(void *context, const char *name, size_t length, size_t *size);
    void *context;
};

/*
 * Each reads the whole text and appends one tuple or pattern. `names` may be NULL. Returns 0, or
 * -TS_MALFORMED, -TS_LIMIT or -TS_NO_MEMORY with the problem set; problem->offset is the byte of the
 * text where the caret goes. On failure the buffer is as it was.
 */
int text_read_tuple(const char *text, size_t size, const struct text_names *names,
                    struct buffer *out, struct problem *problem);
int text_read_pattern(const char *text, size_t size, const struct text_names *names,
                      struct buffer *out, struct problem *problem);
/*
 * A tuple's form alone: well-formed, but how deep, how many and which its values may be is for the
 * caller to check. For what stands for a tuple and is larger than it.
 */
int text_read_form(const char *text, size_t size, struct buffer *out, struct problem *problem);
/* One value, not a tuple: `--argjson`. */
int text_read_value(const char *text, size_t size, struct buffer *out, struct problem *problem);

#endif
