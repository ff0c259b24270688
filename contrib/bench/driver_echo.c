/* SPDX-License-Identifier: MIT */
/*
 * The bare echo gets tsd's own requests, byte for byte, and sends them back: what remains is what
 * sockets, kernel and libuv cost.
 */
#include "contrib/bench/driver.h"

#include <string.h>

static size_t echo_encode(uint8_t *out, enum verb verb, const struct request_data *data)
{
    switch (verb) {
    case VERB_PING:
    case VERB_PUT:
    case VERB_TAKE:
        return driver_tsd.encode(out, verb, data);
    default:
        return 0;
    }
}

/* 0xce, size; then the request's array, the first of it its number as tsd_encode writes it. */
static long echo_decode(const uint8_t *p, size_t size, struct answer *answer)
{
    uint32_t body, number;

    if (size < 5)
        return 0;
    memcpy(&body, p + 1, 4);
    body = __builtin_bswap32(body);
    if (*p != 0xce || body < 6 || body > REQUEST_MAX)
        return -1;
    if (size - 5 < body)
        return 0;
    memcpy(&number, p + 7, 4);
    answer->kind = ANSWER_ECHO;
    answer->number = __builtin_bswap32(number);
    answer->delivery = 0;
    answer->tuple = p;
    answer->size = body + 5;
    return (long)answer->size;
}

const struct driver driver_echo = {"echo", echo_encode, echo_decode};
