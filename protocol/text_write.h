/* SPDX-License-Identifier: MIT */
/*
 * The notation, written: MessagePack to text (ts-notation(7), rule P9).
 *
 * Takes checked values, tuples and patterns. What is written reads back as an equal value of the
 * same kinds. JSON where the value is JSON: compact, no blanks after `,` and `:`; floats always with
 * a fraction or exponent, the shortest that reads back; control characters escaped.
 */
#ifndef TSD_PROTOCOL_TEXT_WRITE_H
#define TSD_PROTOCOL_TEXT_WRITE_H

#include <stdbool.h>

#include "protocol/buffer.h"
#include "protocol/pattern.h"

void text_write_value(const uint8_t *value, struct buffer *out); /* also whole tuples */
void text_write_pattern(const struct pattern *pattern, struct buffer *out);

/*
 * Strict JSON for other programs: {"$bin":"aGk="}, {"$ext":[5,"aGk="]}, {"$float":"nan"},
 * {"$map":[[1,"a"]]} for what JSON has not; a real map whose only key starts with `$` has it
 * doubled.
 */
void text_write_json(const uint8_t *value, struct buffer *out);

/* A JSON string with its quotes; shared by both writers and the logs. bytes are valid UTF-8. */
void text_write_string(const uint8_t *bytes, size_t size, struct buffer *out);

#endif
