/* SPDX-License-Identifier: MIT */
/*
 * semaphore: of many workers at most three are inside at once, even where some of them crash there.
 *
 *     semaphore
 *
 * Three tuples ("permit"); who holds one is inside. The permit of a worker that dies goes back by
 * itself, so that no one is locked out for ever. From the shell:
 *
 *     tsctl hold '["permit"]' -- ./what-needs-it
 *
 * Prints how many were inside at most, how many crashed, and how many permits there are in the end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <tsclient.h>

enum { PERMITS = 3, WORKERS = 8, VISITS = 40 };

/* How many are inside: a bound tuple goes with whoever put it, so those who crash are not counted. */
static int count_inside(ts_client *ts)
{
    const ts_values here = TS("inside", (int)getpid());
    const ts_request enter = {
        .operation = TSD_OP_OUT, .tuples = &here, .tuple_count = 1, .bound = true};
    uint64_t inside = 0;

    if (ts_call(ts, &enter) != TS_OK || ts_count(ts, TS("inside", TS_ANY), &inside) != TS_OK)
        return -1;
    return (int)inside;
}

static _Noreturn void crash(void)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}); /* nobody wants to look at it */
    abort();
}

static bool visit(ts_client *ts, bool crashes, int *most)
{
    ts_token permit;
    int inside;

    if (ts_hold(ts, TS("permit"), TS_FOREVER, 0) != TS_OK)
        return false;
    permit = ts_tuple_at(ts_last(ts), 0)->token;
    inside = count_inside(ts);
    if (inside > *most)
        *most = inside;
    if (crashes)
        crash(); /* with the permit */
    return inside > 0 && ts_in(ts, TS("inside", (int)getpid()), TS_FOREVER) == TS_OK &&
           ts_release(ts, permit, 0) == TS_OK;
}

/* Every second worker crashes in its last visit. */
static int work(ts_client *ts, void *arg)
{
    const bool crashes = *(int *)arg % 2;
    int most = 0;

    for (int i = 0; i < VISITS; i++)
        if (!visit(ts, crashes && i == VISITS - 1, &most))
            return 1;
    return ts_out(ts, TS("most", most)) == TS_OK ? 0 : 1;
}

/* Waits until all are back: that of a worker that crashed comes when the daemon has noticed. */
static bool all_are_back(ts_client *ts)
{
    const ts_request permits = {
        .operation = TSD_OP_RD, .pattern = TS("permit"), .timeout = TS_FOREVER, .min = PERMITS};

    return ts_call(ts, &permits) == TS_OK;
}

/* Adds up what the workers tell, and their failures. */
static bool take_results(ts_client *ts, int *most, int *crashed)
{
    int inside;

    for (int i = 0; i < WORKERS / 2; i++) {
        if (ts_in(ts, TS("most", &inside), TS_FOREVER) != TS_OK ||
            ts_in(ts, TS("error", "visitor", "signal", TS_REST), TS_FOREVER) != TS_OK)
            return false;
        *crashed += 1;
        if (inside > *most)
            *most = inside;
    }
    return true;
}

int main(void)
{
    ts_client *ts = ts_connect_private(NULL);
    int most = 0, crashed = 0;
    uint64_t permits = 0;

    for (int i = 0; i < PERMITS; i++)
        ts_out(ts, TS("permit"));
    for (int i = 0; i < WORKERS; i++)
        ts_eval(ts, "visitor", work, &i);
    if (!take_results(ts, &most, &crashed) || !all_are_back(ts) ||
        ts_count(ts, TS("permit"), &permits) != TS_OK) {
        (void)fprintf(stderr, "semaphore: %s\n", ts_error_text(ts));
        return 1;
    }
    printf("%s inside at once, %d crashed, %d permits\n",
           most <= PERMITS ? "never more than 3" : "too many", crashed, (int)permits);
    ts_shutdown(ts, TS_FOREVER);
    ts_disconnect(ts);
    return most > PERMITS || permits != PERMITS;
}
