/* SPDX-License-Identifier: MIT */
#include "contrib/bench/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define TOLD 20 /* failures told in full; one mistake may break every answer after it */

static uint64_t failures;
static char first[256];
static bool trial;
static uint64_t trial_failures;

bool check_failed(const char *format, ...)
{
    char text[sizeof first];
    va_list list;

    if (trial) {
        trial_failures++;
        return false;
    }
    failures++;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (!first[0])
        snprintf(first, sizeof first, "%s", text);
    if (failures <= TOLD)
        fprintf(stderr, "bench: check failed: %s\n", text);
    return false;
}

void check_trial_begin(void)
{
    trial = true;
    trial_failures = 0;
}

uint64_t check_trial_end(void)
{
    trial = false;
    return trial_failures;
}

uint64_t check_failures(void)
{
    return failures;
}

const char *check_first(void)
{
    return first;
}

void die(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    exit(2);
}

void *allocate(uint64_t size)
{
    void *p = calloc(1, size ? size : 1);

    if (!p)
        die("no memory for %llu bytes", (unsigned long long)size);
    return p;
}
