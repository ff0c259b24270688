/* SPDX-License-Identifier: MIT */
/*
 * tsd's wire, written and read by hand from tsd-protocol(7): a second reader of the same page, which
 * shares nothing with the daemon but the numbers.
 */
#include "contrib/bench/driver_tsd.h"

#include <stdio.h>
#include <string.h>

#include "contrib/bench/tuple.h"

#define HEAD 5 /* 0xce and the body's size in four bytes */

static uint8_t *put_u32(uint8_t *p, uint64_t value)
{
    uint32_t big_endian = __builtin_bswap32((uint32_t)value);

    *p = 0xce;
    memcpy(p + 1, &big_endian, 4);
    return p + HEAD;
}

static uint8_t *put_pattern(uint8_t *p, uint32_t key)
{
    p = put_bytes(p, "\x94\x92\x00\xac", 4);
    key_write(p, key);
    return put_bytes(p + KEY_BYTES, "\x91\x01\x91\x01\x91\x01", 6);
}

/* [number, operation, ack, "bench", ...]; an array of `items`. */
static uint8_t *put_request(uint8_t *p, int items, enum tsd_operation op,
                            const struct request_data *data)
{
    *p++ = (uint8_t)(0x90 + items);
    p = put_u32(p, data->number);
    *p++ = (uint8_t)op;
    p = put_u32(p, data->ack);
    return items > 3 ? put_bytes(p,
                                 "\xa5"
                                 "bench",
                                 6)
                     : p;
}

uint8_t *tsd_begin(uint8_t *out, int items, enum tsd_operation op, const struct request_data *data)
{
    return put_request(out + HEAD, items, op, data);
}

size_t tsd_end(uint8_t *out, const uint8_t *p)
{
    put_u32(out, (uint64_t)(p - out) - HEAD);
    return (size_t)(p - out);
}

static size_t tsd_encode(uint8_t *out, enum verb verb, const struct request_data *data)
{
    uint8_t *p = out + HEAD;

    switch (verb) {
    case VERB_OPEN:
        p = put_bytes(p,
                      "\x93\xa3"
                      "tsd"
                      "\x01\x80",
                      7);
        break;
    case VERB_PING:
        p = put_request(p, 3, TSD_OP_PING, data);
        break;
    case VERB_PUT:
        p = put_request(p, 5, TSD_OP_OUT, data);
        *p++ = 0x91;
        tuple_write(p, data->key, data->tuple_number);
        p += TUPLE_BYTES;
        break;
    case VERB_TAKE:
        p = put_pattern(put_request(p, 6, TSD_OP_IN, data), data->key);
        p = put_bytes(p, (uint8_t[]){0x81, TSD_OPTION_TIMEOUT, 0}, 3);
        break;
    case VERB_WAIT:
        p = put_pattern(put_request(p, 5, TSD_OP_IN, data), data->key);
        break;
    case VERB_COUNT:
        p = put_request(p, 5, TSD_OP_COUNT, data);
        p = put_bytes(p, (uint8_t[]){0x91, 0x91, TSD_M_REST}, 3);
        break;
    case VERB_LEAVE:
        p = put_request(p, 3, TSD_OP_CLOSE, data);
        break;
    }
    return tsd_end(out, p);
}

/* Reads an unsigned int in any of its encodings; NULL where there is none before `end`. */
static const uint8_t *get_uint(const uint8_t *p, const uint8_t *end, uint64_t *value)
{
    if (p == end)
        return NULL;
    if (*p < 0x80) {
        *value = *p;
        return p + 1;
    }
    if (*p < 0xcc || *p > 0xcf)
        return NULL;
    size_t size = (size_t)1 << (*p - 0xcc);
    if ((size_t)(end - ++p) < size)
        return NULL;
    *value = 0;
    for (size_t i = 0; i < size; i++)
        *value = *value << 8 | p[i];
    return p + size;
}

static const uint8_t *get_byte(const uint8_t *p, const uint8_t *end, uint8_t expected)
{
    return p && p != end && *p == expected ? p + 1 : NULL;
}

/* Where a flat tuple of short strs and of numbers ends; NULL where it is none, or not all there. */
static const uint8_t *skip_tuple(const uint8_t *p, const uint8_t *end)
{
    if (p == end || *p < 0x90 || *p > 0x9f)
        return NULL;
    for (int fields = *p++ & 15; fields > 0; fields--) {
        if (p >= end)
            return NULL;
        if (*p >= 0xa0 && *p <= 0xbf)
            p += 1 + (*p & 31);
        else if (*p == 0xcb)
            p += 9;
        else if (*p >= 0xcc && *p <= 0xcf)
            p += 1 + (1 << (*p - 0xcc));
        else if (*p < 0x80)
            p++;
        else
            return NULL;
    }
    return p <= end ? p : NULL;
}

/* The result of a take of one: [[id, tuple]]. */
static const uint8_t *get_tuple(const uint8_t *p, const uint8_t *end, struct answer *answer)
{
    uint64_t id;

    p = get_byte(p, end, 0x91);
    p = get_byte(p, end, 0x92);
    p = p ? get_uint(p, end, &id) : NULL;
    answer->tuple = p;
    p = p ? skip_tuple(p, end) : NULL;
    if (!p)
        return NULL;
    answer->kind = ANSWER_TUPLE;
    answer->size = (size_t)(p - answer->tuple);
    return p;
}

/* {extra: uint, ...}: of those that a plain answer has only the delivery is of use here. */
static const uint8_t *get_extras(const uint8_t *p, const uint8_t *end, struct answer *answer)
{
    uint64_t key, value;

    if (p == end || *p < 0x80 || *p > 0x8f)
        return NULL;
    for (int pairs = *p++ - 0x80; pairs > 0; pairs--) {
        p = get_uint(p, end, &key);
        if (!p || p == end)
            return NULL;
        if (*p == 0xc2 || *p == 0xc3) { /* more */
            p++;
            continue;
        }
        if (!(p = get_uint(p, end, &value)))
            return NULL;
        if (key == TSD_EXTRA_DELIVERY)
            answer->delivery = value;
    }
    return p;
}

static const uint8_t *get_result(const uint8_t *p, const uint8_t *end, struct answer *answer)
{
    if (p == end)
        return NULL;
    if (*p >= 0x90 && *p <= 0x9f)
        return get_tuple(p, end, answer);
    if (*p == 0xc0) {
        answer->kind = ANSWER_DONE;
        return p + 1;
    }
    answer->kind = ANSWER_COUNT; /* of `count`; of `out` the first id */
    return get_uint(p, end, &answer->value);
}

static void get_refusal(const uint8_t *p, const uint8_t *end, uint64_t status,
                        struct answer *answer)
{
    int size = 0;

    answer->kind = ANSWER_FAILED;
    if (p < end && *p >= 0xa0 && *p <= 0xbf)
        size = *p++ & 31;
    else if (end - p >= 2 && *p == 0xd9)
        size = p[1], p += 2;
    if (size > end - p)
        size = 0;
    snprintf(answer->text, sizeof answer->text, "status %u %.*s", (unsigned)status, size,
             (const char *)p);
}

static bool read_body(const uint8_t *p, const uint8_t *end, struct answer *answer)
{
    uint64_t status;
    uint8_t head = *p++;

    if (end - p > 4 && memcmp(p,
                              "\xa3"
                              "tsd",
                              4) == 0) {
        answer->kind = ANSWER_OPENED;
        return true;
    }
    if (head != 0x93 && head != 0x94)
        return false;
    if (!(p = get_uint(p, end, &answer->number)) || !(p = get_uint(p, end, &status)))
        return false;
    if (status != TS_OK || answer->number == 0) {
        get_refusal(p, end, status, answer);
        return true;
    }
    p = get_result(p, end, answer);
    if (p && head == 0x94)
        p = get_extras(p, end, answer);
    return p == end;
}

static long tsd_decode(const uint8_t *p, size_t size, struct answer *answer)
{
    uint32_t body;

    if (size < HEAD)
        return 0;
    memcpy(&body, p + 1, 4);
    body = __builtin_bswap32(body);
    if (*p != 0xce || body == 0)
        return -1;
    if (size - HEAD < body)
        return 0;
    answer->number = answer->delivery = 0;
    if (!read_body(p + HEAD, p + HEAD + body, answer))
        return -1;
    return (long)body + HEAD;
}

const struct driver driver_tsd = {"tsd", tsd_encode, tsd_decode};
