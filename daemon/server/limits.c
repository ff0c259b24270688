/* SPDX-License-Identifier: MIT */
#include "server/limits.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t limits_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);

    return pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : GIB(4);
}

void limits_resolve(struct limits *limits)
{
    if (limits->user_bytes == 0)
        limits->user_bytes = limits_memory() / 2;
    if (limits->all_bytes == 0)
        limits->all_bytes = limits_memory() / 4 * 3;
}

void limits_init(struct limits *limits)
{
    *limits = (struct limits){
#define LIMIT_DEFAULT(field, name, value, what) .field = (value),
        SERVER_LIMITS(LIMIT_DEFAULT)
#undef LIMIT_DEFAULT
    };
}

static uint64_t *limits_find(struct limits *limits, const char *name, size_t length)
{
#define LIMIT_NAMED(field, text, value, what)                                                      \
    if (strlen(text) == length && memcmp(text, name, length) == 0)                                 \
        return &limits->field;
    SERVER_LIMITS(LIMIT_NAMED)
#undef LIMIT_NAMED
    return NULL;
}

bool limits_set(struct limits *limits, const char *text)
{
    const char *sign = strchr(text, '=');
    uint64_t *limit = sign ? limits_find(limits, text, (size_t)(sign - text)) : NULL;
    unsigned long long value;
    char *end;

    /* strtoull takes blanks and a minus */
    if (!limit || sign[1] < '0' || sign[1] > '9')
        return false;
    errno = 0;
    value = strtoull(sign + 1, &end, 10);
    if (errno || *end || value == 0 || value > INT64_MAX / 1000000)
        return false;
    *limit = value;
    return true;
}
