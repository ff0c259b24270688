/* SPDX-License-Identifier: MIT */
/*
 * philosophers: five of them dine with five forks.
 *
 *     philosophers
 *
 * Each takes both its forks in one unit, so nobody can hold one and wait for the other: there is no
 * deadlock, whatever the order. Forks are held, not taken: those of a philosopher who dies go back to
 * the table. While it eats, each has a plate on the table; one that sees a neighbour's has caught an
 * error. Prints how many meals were eaten, and how often neighbours ate at once.
 */
#include <stdio.h>
#include <stdlib.h>

#include <tsclient.h>

enum { PHILOSOPHERS = 5, MEALS = 100 };

/* How many of the neighbours eat; -1: not known. */
static int neighbours_eating(ts_client *ts, int me)
{
    int left = (me + PHILOSOPHERS - 1) % PHILOSOPHERS, right = (me + 1) % PHILOSOPHERS;
    uint64_t eating;

    if (ts_count(ts, TS("plate", ts_or(left, right)), &eating) != TS_OK)
        return -1;
    return (int)eating;
}

/* Both forks, a meal, both forks back. */
static bool dine(ts_client *ts, int me, int *errors)
{
    ts_token forks[2];
    int eating;

    if (ts_atomic(ts,
                  TS_GUARDS(ts_guard_hold(TS("fork", me), 0),
                            ts_guard_hold(TS("fork", (me + 1) % PHILOSOPHERS), 0)),
                  NULL, 0, TS_FOREVER) != TS_OK)
        return false;
    for (size_t i = 0; i < 2; i++)
        forks[i] = ts_tuple_at(ts_last(ts), i)->token;
    if (ts_out(ts, TS("plate", me)) != TS_OK || (eating = neighbours_eating(ts, me)) < 0 ||
        ts_in(ts, TS("plate", me), TS_FOREVER) != TS_OK)
        return false;
    *errors += eating;
    return ts_release(ts, forks[0], 0) == TS_OK && ts_release(ts, forks[1], 0) == TS_OK;
}

static int philosopher(ts_client *ts, void *arg)
{
    const int me = *(int *)arg;
    int errors = 0;

    for (int i = 0; i < MEALS; i++)
        if (!dine(ts, me, &errors))
            return 1;
    return ts_out(ts, TS("full", MEALS, errors)) == TS_OK ? 0 : 1;
}

static _Noreturn void give_up(ts_client *ts)
{
    (void)fprintf(stderr, "philosophers: %s\n", ts_error_text(ts));
    exit(1);
}

int main(void)
{
    ts_client *ts = ts_connect_private(NULL);
    int all = 0, wrong = 0, meals, errors;

    for (int i = 0; i < PHILOSOPHERS; i++)
        if (ts_out(ts, TS("fork", i)) != TS_OK ||
            ts_eval(ts, "philosopher", philosopher, &i) != TS_OK)
            give_up(ts);
    for (int i = 0; i < PHILOSOPHERS; i++) {
        if (ts_in(ts, TS("full", &meals, &errors), TS_FOREVER) != TS_OK)
            give_up(ts);
        all += meals;
        wrong += errors;
    }
    printf("%d meals, %d times neighbours ate at once\n", all, wrong);
    ts_shutdown(ts, TS_FOREVER);
    ts_disconnect(ts);
    return wrong != 0;
}
