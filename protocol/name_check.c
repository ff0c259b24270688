/* SPDX-License-Identifier: MIT */
#include "protocol/name_check.h"

#include <stdbool.h>
#include <string.h>

#include "protocol/limits.h"
#include "protocol/utf8.h"

/* Whether all eight bytes are from 0x20 to 0x7e; no sum carries where they are below 0x80. */
static bool word_is_plain(uint64_t word)
{
    const uint64_t ones = 0x0101010101010101u, high = 0x80 * ones;

    return ((word | (word + ones)) & high) == 0 && ((word + 0x60 * ones) & high) == high;
}

/* Whether all is ASCII without control characters, as most names are: by words that may overlap. */
static bool is_plain(const uint8_t *p, size_t size)
{
    uint64_t word;
    uint32_t first, last;

    if (size < 4)
        return false; /* not worth it */
    if (size < 8) {
        memcpy(&first, p, 4);
        memcpy(&last, p + size - 4, 4);
        return word_is_plain((uint64_t)first << 32 | last);
    }
    for (size_t i = 0; i + 8 < size; i += 8) {
        memcpy(&word, p + i, 8);
        if (!word_is_plain(word))
            return false;
    }
    memcpy(&word, p + size - 8, 8);
    return word_is_plain(word);
}

/* C0, DEL, and C1, which UTF-8 writes as 0xc2 and 0x80 to 0x9f. */
static bool is_control(const uint8_t *p, size_t left)
{
    return p[0] < 0x20 || p[0] == 0x7f || (p[0] == 0xc2 && left > 1 && p[1] < 0xa0);
}

int name_check(const uint8_t *name, size_t size, const char *what, struct problem *problem)
{
    if (size == 0)
        return problem_set(problem, TS_MALFORMED, 0, "the name of a %s has at least 1 byte", what);
    if (size > LIMIT_NAME_BYTES)
        return problem_set(problem, TS_LIMIT, LIMIT_NAME_BYTES,
                           "the name of a %s has %zu bytes, where the limit is %d", what, size,
                           LIMIT_NAME_BYTES);
    if (is_plain(name, size))
        return 0;
    for (size_t i = 0; i < size; i++)
        if (is_control(name + i, size - i))
            return problem_set(problem, TS_MALFORMED, i,
                               "the name of a %s has a control character at byte %zu", what, i);
    if (!utf8_is_valid(name, size))
        return problem_set(problem, TS_MALFORMED, 0, "the name of a %s is not valid UTF-8", what);
    return 0;
}
