/* SPDX-License-Identifier: MIT */
/*
 * What the operations clients and users tell: rows of [number, {key: value}], in the order of numbers.
 */
#ifndef TESTS_ROWS_H
#define TESTS_ROWS_H

#include <check.h>
#include <stdio.h>

#include "protocol/value.h"

enum { MOST_ROWS = 64 };

struct row {
    uint64_t number;
    uint64_t values[32]; /* of uints and bools, and the first of pairs, by key */
    char name[64];
};

static struct row rows[MOST_ROWS];
static uint32_t row_count;

static const uint8_t *read_pair(const uint8_t *at, struct row *row)
{
    struct value key, value;

    at = value_read_trusted(at, &key);
    value_read_trusted(at, &value);
    ck_assert_uint_lt(key.u64, 32);
    if (value.type == VALUE_STR)
        (void)snprintf(row->name, sizeof(row->name), "%.*s", (int)value.length,
                       (const char *)value.bytes);
    else if (value.type == VALUE_ARRAY) {
        struct value used;

        value_read_trusted(value_read_trusted(at, &value), &used);
        row->values[key.u64] = used.u64;
    } else
        row->values[key.u64] = value.type == VALUE_BOOL ? value.boolean : value.u64;
    return value_skip_trusted(at);
}

static void read_rows(const uint8_t *at)
{
    struct value head, number, map;

    at = value_read_trusted(at, &head);
    row_count = head.length;
    ck_assert_uint_le(row_count, MOST_ROWS);
    for (uint32_t i = 0; i < row_count; i++) {
        rows[i] = (struct row){0};
        at = value_read_trusted(value_read_trusted(at, &head), &number);
        rows[i].number = number.u64;
        ck_assert(i == 0 || rows[i].number > rows[i - 1].number);
        at = value_read_trusted(at, &map);
        for (uint32_t pair = 0; pair < map.length; pair++)
            at = read_pair(at, &rows[i]);
    }
}

#endif
