/* SPDX-License-Identifier: MIT */
/*
 * What callbacks were told, in order.
 */
#ifndef TESTS_TOLD_H
#define TESTS_TOLD_H

#include "unit/client/fake.h"

static UNUSED struct told {
    uint64_t number;
    ts_status status;
    int64_t first_field;
} told[16];
static UNUSED size_t told_count;

static UNUSED void tell(ts_client *client, uint64_t number, ts_status status,
                        const ts_result *result, void *arg)
{
    (void)client;
    (void)arg;
    told[told_count] = (struct told){number, status, -1};
    ts_field_int(ts_tuple_at(result, 0), 0, &told[told_count].first_field);
    told_count++;
}

static UNUSED bool was_told(size_t i, uint64_t number, ts_status status)
{
    return i < told_count && told[i].number == number && told[i].status == status;
}

static UNUSED uint64_t submit_in(ts_client *ts, ts_callback callback, void *arg)
{
    uint64_t number = 0;

    is(ts_submit_in(ts, TS(TS_ANY_INT), TS_FOREVER, callback, arg, &number), TS_OK);
    return number;
}

#endif
