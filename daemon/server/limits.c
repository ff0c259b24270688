/* SPDX-License-Identifier: MIT */
#include "server/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "protocol/nearest.h"

#define LIMIT_MOST ((uint64_t)INT64_MAX / 1000000) /* a time in nanoseconds fits */

static uint64_t limits_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);

    return pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : GIB(4);
}

void limits_resolve(struct limits *limits)
{
    if (limits->user_waiting_bytes == 0)
        limits->user_waiting_bytes = limits_memory() / 16;
    if (limits->user_tuples == 0)
        limits->user_tuples = limits_memory() / 256;
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

static const char *const names[] = {
#define LIMIT_NAME(field, name, value, what) name,
    SERVER_LIMITS(LIMIT_NAME)
#undef LIMIT_NAME
};

static uint64_t *limits_at(struct limits *limits, int index)
{
    uint64_t *const values[] = {
#define LIMIT_VALUE(field, name, value, what) &limits->field,
        SERVER_LIMITS(LIMIT_VALUE)
#undef LIMIT_VALUE
    };

    return values[index];
}

static int limits_find(const char *name, size_t length, struct problem *problem)
{
    char wanted[64];
    struct nearest nearest;

    for (int i = 0; i < (int)(sizeof(names) / sizeof(names[0])); i++)
        if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
            return i;
    (void)snprintf(wanted, sizeof(wanted), "%.*s", (int)(length < 63 ? length : 63), name);
    nearest = nearest_to(wanted);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        nearest_offer(&nearest, names[i]);
    if (nearest.name)
        return problem_set(problem, TS_INVALID, 0, "there is no limit %s; the nearest is %s",
                           wanted, nearest.name);
    return problem_set(problem, TS_INVALID, 0, "there is no limit %s; tsd --help lists them",
                       wanted);
}

static bool counts_bytes(const char *name)
{
    static const char suffix[] = "-bytes";
    const size_t length = strlen(name);

    return length >= sizeof(suffix) && strcmp(name + length - (sizeof(suffix) - 1), suffix) == 0;
}

/* How much a suffix multiplies by; 0 where it is none. */
static uint64_t factor_of(const char *suffix, bool bytes)
{
    static const char letters[] = "KMG";
    const char *letter;

    if (*suffix == '\0')
        return 1;
    letter = strchr(letters, *suffix);
    if (!bytes || !letter || suffix[1] != '\0')
        return 0;
    return UINT64_C(1) << 10 * (letter - letters + 1);
}

int limits_set(struct limits *limits, const char *name, size_t length, const char *value,
               struct problem *problem)
{
    const int index = limits_find(name, length, problem);
    unsigned long long number = 0;
    uint64_t factor = 0;
    char *end;

    if (index < 0)
        return index;
    errno = 0;
    if (*value >= '0' && *value <= '9') { /* strtoull takes blanks and a minus */
        number = strtoull(value, &end, 10);
        factor = factor_of(end, counts_bytes(names[index]));
    }
    if (factor == 0 || number == 0)
        return problem_set(problem, TS_INVALID, 0, "%s takes a whole number from 1%s: %s",
                           names[index], counts_bytes(names[index]) ? ", K, M or G may follow" : "",
                           value);
    if (errno || number > LIMIT_MOST / factor)
        return problem_set(problem, TS_INVALID, 0,
                           "%s is too large, where the most is %" PRIu64 ": %s", names[index],
                           LIMIT_MOST, value);
    *limits_at(limits, index) = number * factor;
    return index;
}
