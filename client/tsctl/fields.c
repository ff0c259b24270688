/* SPDX-License-Identifier: MIT */
#include "tsctl/fields.h"

#include <string.h>

#include "protocol/limits.h"

/* A field's number at *p, from 1 to 255; moves *p after it. 0 where there is none. */
static uint32_t read_number(const char **p)
{
    uint32_t number = 0;
    while (**p >= '0' && **p <= '9' && number <= LIMIT_TUPLE_FIELDS)
        number = number * 10 + (uint32_t)(*(*p)++ - '0');
    return number <= LIMIT_TUPLE_FIELDS ? number : 0;
}

/* `2`, `2..4`, `2..`; a dash does as well, as in cut(1). */
static bool read_part(const char **p, uint32_t *first, uint32_t *last)
{
    *first = *last = read_number(p);
    if (*first == 0)
        return false;
    if (strncmp(*p, "..", 2) == 0)
        *p += 2;
    else if (**p == '-')
        *p += 1;
    else
        return true;
    if (**p == ',' || **p == '\0') {
        *last = UINT32_MAX;
        return true;
    }
    *last = read_number(p);
    return *last >= *first;
}

bool fields_parse(const char *text, struct field_list *fields)
{
    fields->count = 0;
    for (const char *p = text;; p++) {
        if (fields->count == FIELDS_PARTS)
            return false;
        uint32_t first, last;
        if (!read_part(&p, &first, &last))
            return false;
        fields->parts[fields->count].first = first;
        fields->parts[fields->count].last = last;
        fields->count++;
        if (*p == '\0')
            return true;
        if (*p != ',')
            return false;
    }
}
