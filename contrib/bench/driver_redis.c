/* SPDX-License-Identifier: MIT */
/*
 * Redis: a list for each key; LPUSH puts the tuple's bytes, LPOP takes them. Answers come in the
 * order of the requests.
 */
#include "contrib/bench/driver.h"

#include <stdio.h>
#include <string.h>

#include "contrib/bench/tuple.h"

/* Writes a string constant without its NUL. */
#define PUT(p, text) put_bytes(p, text, sizeof(text) - 1)

static uint8_t *put_key(uint8_t *p, uint32_t key)
{
    key_write(p, key);
    return p + KEY_BYTES;
}

static size_t redis_encode(uint8_t *out, enum verb verb, const struct request_data *data)
{
    uint8_t *p = out;

    switch (verb) {
    case VERB_PING:
        p = PUT(p, "*1\r\n$4\r\nPING\r\n");
        break;
    case VERB_COUNT:
        p = PUT(p, "*1\r\n$6\r\nDBSIZE\r\n");
        break;
    case VERB_PUT:
        p = put_key(PUT(p, "*3\r\n$5\r\nLPUSH\r\n$12\r\n"), data->key);
        p = PUT(p, "\r\n$52\r\n");
        tuple_write(p, data->key, data->tuple_number);
        p = PUT(p + TUPLE_BYTES, "\r\n");
        break;
    case VERB_TAKE:
        p = put_key(PUT(p, "*2\r\n$4\r\nLPOP\r\n$12\r\n"), data->key);
        p = PUT(p, "\r\n");
        break;
    default:
        break;
    }
    return (size_t)(p - out);
}

/* "$52\r\n" and so many bytes and "\r\n"; "$-1\r\n" is a list that is empty or not there. */
static long read_bulk(const uint8_t *p, size_t size, size_t line, long length,
                      struct answer *answer)
{
    if (length < 0) {
        answer->kind = ANSWER_FAILED;
        snprintf(answer->text, sizeof answer->text, "nil");
        return (long)line;
    }
    if (size < line + (size_t)length + 2)
        return 0;
    answer->kind = ANSWER_TUPLE;
    answer->tuple = p + line;
    answer->size = (size_t)length;
    return (long)(line + (size_t)length + 2);
}

static long number_of(const uint8_t *p, const uint8_t *end)
{
    bool minus = p < end && *p == '-';
    long value = 0;

    for (p += minus; p < end && *p >= '0' && *p <= '9' && value < 1L << 40; p++)
        value = value * 10 + (*p - '0');
    return minus ? -value : value;
}

static long redis_decode(const uint8_t *p, size_t size, struct answer *answer)
{
    const uint8_t *end = memchr(p, '\n', size < 256 ? size : 256);

    if (!end)
        return size < 256 ? 0 : -1;
    size_t line = (size_t)(end - p) + 1;
    if (line < 3 || end[-1] != '\r')
        return -1;
    answer->number = answer->delivery = 0;
    switch (*p) {
    case '+':
        answer->kind = ANSWER_DONE;
        return (long)line;
    case ':':
        answer->kind = ANSWER_COUNT;
        answer->value = (uint64_t)number_of(p + 1, end - 1);
        return (long)line;
    case '$':
        return read_bulk(p, size, line, number_of(p + 1, end - 1), answer);
    case '-':
        answer->kind = ANSWER_FAILED;
        snprintf(answer->text, sizeof answer->text, "%.*s", (int)line - 3, (const char *)p + 1);
        return (long)line;
    default:
        return -1;
    }
}

const struct driver driver_redis = {"Redis", redis_encode, redis_decode};
