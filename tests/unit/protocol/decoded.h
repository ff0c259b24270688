/* SPDX-License-Identifier: MIT */
/* Requests in the notation, decoded: a frame's body is a value like any other. */
#ifndef TESTS_UNIT_PROTOCOL_DECODED_H
#define TESTS_UNIT_PROTOCOL_DECODED_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/request.h"
#include "protocol/text_read.h"

static struct pattern_room room;
static struct problem problem;
static struct request request;
static struct buffer body;

/* A hold's token: number 1, secret 2. */
#define TOKEN "b\"AAAAAAAAAAEAAAAAAAAAAg==\""

#define COUNT_OF(array) ((int)(sizeof(array) / sizeof((array)[0])))

/* Decodes the body; it lies in a block of exactly its size, so that reading past it shows. */
static inline int decode_bytes(const uint8_t *bytes, size_t size)
{
    static uint8_t *block;

    free(block);
    block = malloc(size ? size : 1);
    ck_assert_ptr_nonnull(block);
    memcpy(block, bytes, size);
    return request_decode(&(struct frame){block, size}, &room, &request, &problem);
}

static inline int decode_text(const char *text)
{
    buffer_clear(&body);
    int error = text_read_value(text, strlen(text), &body, &problem);
    ck_assert_msg(!error, "%s: %s", text, problem.text);
    return decode_bytes(body.bytes, body.size);
}

static inline bool span_is(const struct span *span, const char *bytes)
{
    return span->size == strlen(bytes) &&
           (span->size == 0 || memcmp(span->bytes, bytes, span->size) == 0);
}

struct bad {
    const char *text;
    enum ts_status status;
    const char *says; /* part of the problem's text */
};

static inline void check_bad(const struct bad *bad)
{
    int error = decode_text(bad->text);

    ck_assert_msg(error == -(int)bad->status, "%s: %d %s", bad->text, error, problem.text);
    ck_assert_int_eq(problem.status, bad->status);
    ck_assert_msg(strstr(problem.text, bad->says) != NULL, "%s: %s", bad->text, problem.text);
    ck_assert_uint_le(problem.offset, body.size);
}

#endif
