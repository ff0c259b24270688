/* SPDX-License-Identifier: MIT */
#include "protocol/name_check.h"

#include <stdbool.h>

#include "protocol/limits.h"
#include "protocol/utf8.h"

/* C0, DEL, and C1, which UTF-8 writes as 0xc2 and 0x80 to 0x9f. */
static bool is_control(const uint8_t *p, size_t left)
{
    return p[0] < 0x20 || p[0] == 0x7f || (p[0] == 0xc2 && left > 1 && p[1] < 0xa0);
}

int name_check(const uint8_t *name, size_t size, const char *what, struct problem *problem)
{
    bool ascii = true;

    if (size == 0)
        return problem_set(problem, TS_MALFORMED, 0, "the name of a %s has at least 1 byte", what);
    if (size > LIMIT_NAME_BYTES)
        return problem_set(problem, TS_LIMIT, LIMIT_NAME_BYTES,
                           "the name of a %s has %zu bytes, where the limit is %d", what, size,
                           LIMIT_NAME_BYTES);
    for (size_t i = 0; i < size; i++) {
        if (is_control(name + i, size - i))
            return problem_set(problem, TS_MALFORMED, i,
                               "the name of a %s has a control character at byte %zu", what, i);
        ascii = ascii && name[i] < 0x80;
    }
    if (!ascii && !utf8_is_valid(name, size))
        return problem_set(problem, TS_MALFORMED, 0, "the name of a %s is not valid UTF-8", what);
    return 0;
}
