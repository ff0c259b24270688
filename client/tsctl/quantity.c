/* SPDX-License-Identifier: MIT */
#include "tsctl/quantity.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit {
    const char *name;
    uint64_t us;
};

static const struct unit units[] = {
    {"", 1000000},         {"us", 1},           {"ms", 1000},
    {"s", 1000000},        {"m", 60 * 1000000}, {"h", 3600000000ull},
    {"d", 86400000000ull},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool read_whole(const char **p, uint64_t *value)
{
    if (!is_digit(**p))
        return false;
    *value = 0;
    for (; is_digit(**p); (*p)++)
        if (__builtin_mul_overflow(*value, 10, value) ||
            __builtin_add_overflow(*value, (uint64_t)(**p - '0'), value))
            return false;
    return true;
}

/* The part of `us` that the digits after the dot are, rounded up. */
static uint64_t fraction_of(uint64_t us, const char *digits, const char *end)
{
    uint64_t numerator = 0, denominator = 1;
    bool more = false;
    for (; digits < end; digits++) {
        if (denominator < 100000000) { /* enough for a day in microseconds, and no overflow */
            numerator = numerator * 10 + (uint64_t)(*digits - '0');
            denominator *= 10;
        } else {
            more = more || *digits != '0';
        }
    }
    uint64_t product = us * numerator;
    return product / denominator + (product % denominator != 0 || more);
}

bool quantity_parse_duration(const char *text, uint64_t *us)
{
    const char *p = text;
    uint64_t whole = 0;
    if (*p != '.' && !read_whole(&p, &whole))
        return false;
    const char *digits = p, *digits_end = p;
    if (*p == '.') {
        digits = ++p;
        while (is_digit(*p))
            p++;
        digits_end = p;
        if (digits == digits_end)
            return false;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(p, units[i].name) != 0)
            continue;
        uint64_t part = fraction_of(units[i].us, digits, digits_end);
        return !__builtin_mul_overflow(whole, units[i].us, us) &&
               !__builtin_add_overflow(*us, part, us) && *us <= INT64_MAX;
    }
    return false;
}

bool quantity_parse_count(const char *text, uint64_t *min, uint64_t *max)
{
    *min = 1;
    if (strcmp(text, "all") == 0) {
        *max = UINT64_MAX;
        return true;
    }
    const char *p = text;
    if (!read_whole(&p, max))
        return false;
    if (strncmp(p, "..", 2) == 0) {
        p += 2;
        *min = *max;
        if (!read_whole(&p, max))
            return false;
    }
    return *p == '\0' && *min >= 1 && *max >= *min && *max < UINT64_MAX;
}

bool quantity_parse_bound(const char *text, uint64_t highest, uint64_t *bound)
{
    const char *p = text;
    if (strcmp(text, "none") == 0) {
        *bound = UINT64_MAX;
        return true;
    }
    return read_whole(&p, bound) && *p == '\0' && *bound <= highest;
}

bool quantity_parse_int(const char *text, int lowest, int highest, int *value)
{
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < lowest || number > highest)
        return false;
    *value = (int)number;
    return true;
}

const char *quantity_number(uint64_t number, char text[static QUANTITY_NUMBER_SIZE])
{
    char digits[24];
    int size = snprintf(digits, sizeof(digits), "%" PRIu64, number);
    char *to = text;
    for (int i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return text;
}

const char *quantity_tuples(uint64_t count, char text[static QUANTITY_TUPLES_SIZE])
{
    char number[QUANTITY_NUMBER_SIZE];
    (void)snprintf(text, QUANTITY_TUPLES_SIZE, "%s tuple%s", quantity_number(count, number),
                   count == 1 ? "" : "s");
    return text;
}

const char *quantity_age(double seconds, char text[static QUANTITY_AGE_SIZE])
{
    if (!(seconds >= 0))
        seconds = 0;
    unsigned long long whole = seconds < 1e15 ? (unsigned long long)seconds : 1000000000000000;
    if (whole < 10)
        (void)snprintf(text, QUANTITY_AGE_SIZE, "%.1fs", seconds);
    else if (whole < 60)
        (void)snprintf(text, QUANTITY_AGE_SIZE, "%llus", whole);
    else if (whole < 3600)
        (void)snprintf(text, QUANTITY_AGE_SIZE, "%llum%02llus", whole / 60, whole % 60);
    else if (whole < 86400)
        (void)snprintf(text, QUANTITY_AGE_SIZE, "%lluh%02llum", whole / 3600, whole / 60 % 60);
    else
        (void)snprintf(text, QUANTITY_AGE_SIZE, "%llud%02lluh", whole / 86400, whole / 3600 % 24);
    return text;
}
