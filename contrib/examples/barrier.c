/* SPDX-License-Identifier: MIT */
/*
 * barrier: workers do a step each, and nobody begins the next before all have done this one.
 *
 *     barrier
 *
 * Who arrives puts ("arrived", step) and waits until so many are there. Nothing is taken, so nobody
 * has to come last, or to count. From the shell:
 *
 *     tsctl out '["arrived", 1]' && tsctl rd -q -n 4..4 '["arrived", 1]'
 *
 * Prints how often somebody was found in another step than the others.
 */
#include <stdio.h>

#include <tsclient.h>

enum { WORKERS = 4, STEPS = 50 };

static ts_status wait_for_all(ts_client *ts, int step)
{
    const ts_request all = {.operation = TSD_OP_RD,
                            .pattern = TS("arrived", step),
                            .timeout = TS_FOREVER,
                            .min = WORKERS};
    ts_status status = ts_out(ts, TS("arrived", step));

    return status == TS_OK ? ts_call(ts, &all) : status;
}

/* A step: who is in it says so; nobody may be in another one. */
static bool do_step(ts_client *ts, int step, int *wrong)
{
    uint64_t others = 0;

    if (ts_out(ts, TS("in", step)) != TS_OK ||
        ts_count(ts, TS("in", ts_ne(step)), &others) != TS_OK ||
        ts_in(ts, TS("in", step), TS_FOREVER) != TS_OK)
        return false;
    *wrong += (int)others;
    return true;
}

static int work(ts_client *ts, void *arg)
{
    int wrong = 0;

    (void)arg;
    for (int step = 0; step < STEPS; step++)
        if (!do_step(ts, step, &wrong) || wait_for_all(ts, step) != TS_OK)
            return 1;
    return ts_out(ts, TS("done", wrong)) == TS_OK ? 0 : 1;
}

int main(void)
{
    ts_client *ts = ts_connect_private(NULL);
    int all = 0, wrong;

    for (int i = 0; i < WORKERS; i++)
        ts_eval(ts, "worker", work, NULL);
    for (int i = 0; i < WORKERS; i++) {
        if (ts_in(ts, TS("done", &wrong), TS_FOREVER) != TS_OK) {
            (void)fprintf(stderr, "barrier: %s\n", ts_error_text(ts));
            return 1;
        }
        all += wrong;
    }
    printf("%d workers, %d steps, %d times out of step\n", WORKERS, STEPS, all);
    ts_shutdown(ts, TS_FOREVER);
    ts_disconnect(ts);
    return all != 0;
}
