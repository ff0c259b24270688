/* SPDX-License-Identifier: MIT */
#include "contrib/bench/plain.h"

#include "contrib/bench/cycles.h"
#include "contrib/bench/tuple.h"

#define UNIT 1000       /* tuples in a request that puts */
#define HELD_UNIT 16384 /* that holds */

static void fill(ts_client *client, uint32_t from, uint32_t count, bool one, const ts_request *put)
{
    static uint8_t tuples[UNIT][TUPLE_BYTES];
    ts_values values[UNIT];
    ts_request request = put ? *put : (ts_request){.timeout = 0};

    request.operation = TSD_OP_OUT;
    request.tuples = values;
    for (uint32_t first = 0; first < count; first += UNIT) {
        request.tuple_count = count - first < UNIT ? count - first : UNIT;
        for (uint32_t i = 0; i < request.tuple_count; i++) {
            tuple_write(tuples[i], one ? from : from + first + i, from + first + i);
            values[i] = ts_encoded(tuples[i], TUPLE_BYTES);
        }
        cycles_must(client, ts_call(client, &request));
    }
}

void plain_fill(ts_client *client, uint32_t from, uint32_t count, const ts_request *put)
{
    fill(client, from, count, false, put);
}

void plain_fill_one(ts_client *client, uint32_t key, uint32_t count)
{
    fill(client, key, count, true, NULL);
}

void plain_hold(ts_client *client, ts_values pattern, uint32_t count)
{
    while (count > 0) {
        const uint32_t unit = count < HELD_UNIT ? count : HELD_UNIT;
        const ts_request hold = {
            .operation = TSD_OP_HOLD, .pattern = pattern, .min = unit, .max = unit};
        cycles_must(client, ts_call(client, &hold));
        count -= unit;
    }
}
