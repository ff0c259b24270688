/* SPDX-License-Identifier: MIT */
/*
 * Base64 as RFC 4648, section 4 has it: padded, one form for each run of bytes.
 */
#ifndef TSD_PROTOCOL_BASE64_H
#define TSD_PROTOCOL_BASE64_H

#include <stddef.h>

#include "protocol/buffer.h"

void base64_encode(const void *bytes, size_t size, struct buffer *out);

/*
 * Appends the bytes and returns size. Where the text is not base64 (another character, padding
 * missing or not at the end, bits left over that are not 0) appends nothing and returns where it
 * goes wrong, less than size; for an incomplete last group that is where the group starts.
 */
size_t base64_decode(const char *text, size_t size, struct buffer *out);

#endif
