/* SPDX-License-Identifier: MIT */
/*
 * compare_and_swap: several processes change one value, none overwrites another's change.
 *
 *     compare_and_swap
 *
 * Each reads the balance, thinks, and swaps it for the new one where it still is what was read; else
 * it reads once more. From the shell:
 *
 *     tsctl atomic -t 0 --in '["balance", 100]' --out '["balance", 90]' || echo 'somebody was faster'
 *
 * Where the change is only a number to be added, no reading is needed: see `count_up`.
 */
#include <stdio.h>
#include <stdlib.h>

#include <tsclient.h>

enum { WORKERS = 4, CHANGES = 50 };

static bool swap(ts_client *ts, int old, int new)
{
    return ts_atomic(ts, TS_GUARDS(ts_guard_in(TS("balance", old))),
                     TS_STEPS(ts_step_out(TS("balance", new))), 0) == TS_OK;
}

/* One unit, whatever the value is. */
static bool count_up(ts_client *ts)
{
    int old;

    return ts_atomic(ts, TS_GUARDS(ts_guard_in(TS("changes", &old))),
                     TS_STEPS(ts_step_out(TS("changes", ts_from_plus(0, 1, 1)))), 0) == TS_OK;
}

static int work(ts_client *ts, void *arg)
{
    int balance;

    (void)arg;
    for (int i = 0; i < CHANGES; i++) {
        do {
            if (ts_rd(ts, TS("balance", &balance), TS_FOREVER) != TS_OK)
                return 1;
        } while (!swap(ts, balance, balance % 7 ? balance + 1 : balance + 2));
        if (!count_up(ts))
            return 1;
    }
    return ts_out(ts, TS("done")) == TS_OK ? 0 : 1;
}

static int expected(void)
{
    int balance = 100;

    for (int i = 0; i < WORKERS * CHANGES; i++)
        balance = balance % 7 ? balance + 1 : balance + 2;
    return balance;
}

int main(void)
{
    const ts_request done = {
        .operation = TSD_OP_IN, .pattern = TS("done"), .timeout = TS_FOREVER, .min = WORKERS};
    ts_client *ts = ts_connect_private(NULL);
    int balance = 0, changes = 0;

    ts_out(ts, TS("balance", 100));
    ts_out(ts, TS("changes", 0));
    for (int i = 0; i < WORKERS; i++)
        ts_eval(ts, "worker", work, NULL);
    if (ts_call(ts, &done) != TS_OK || ts_inp(ts, TS("balance", &balance)) != TS_OK ||
        ts_inp(ts, TS("changes", &changes)) != TS_OK) {
        (void)fprintf(stderr, "compare_and_swap: %s\n", ts_error_text(ts));
        return 1;
    }
    printf("%d changes, balance %d, should be %d\n", changes, balance, expected());
    ts_shutdown(ts, TS_FOREVER);
    ts_disconnect(ts);
    return balance != expected();
}
