/* SPDX-License-Identifier: MIT */
/*
 * sum: the example of lindypy's page, in C.
 *
 *     tsctl run -- sum
 *
 * Five workers each wait for any tuple of four fields, take a second over it, and add its numbers to
 * the tuple ("sum", n). Three tuples are put; when all three have been added the sum is printed.
 * Then there is none any more, so a wait of five seconds for it runs out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <tsclient.h>

enum { WORKERS = 5, TUPLES = 3 };

/* The sum of what is a number in the tuple. */
static double add_fields(const ts_tuple *tuple)
{
    double sum = 0, x;

    for (size_t i = 0; i < tuple->fields; i++)
        if (ts_field_double(tuple, i, &x))
            sum += x;
    return sum;
}

/* In a process of its own. Where it fails, what it had taken and not dealt with goes back. */
static int work(ts_client *ts, void *arg)
{
    double sum;

    (void)arg;
    while (ts_in(ts, TS(TS_ANY, TS_ANY, TS_ANY, TS_ANY), TS_FOREVER) == TS_OK) {
        double more = add_fields(ts_tuple_at(ts_last(ts), 0));

        sleep(1); /* it is hard work */
        if (ts_in(ts, TS("sum", &sum), TS_FOREVER) != TS_OK)
            break;
        const ts_values both[] = {TS("sum", sum + more), TS("added")};
        if (ts_out_many(ts, both, 2) != TS_OK)
            break;
    }
    return 1; /* becomes the tuple ("error", "worker", "exit", 1, "") */
}

static _Noreturn void give_up(ts_client *ts, const char *what)
{
    (void)fprintf(stderr, "sum: %s: %s\n", what, ts_error_text(ts));
    exit(1); /* its workers end with it */
}

int main(void)
{
    const ts_request added = {
        .operation = TSD_OP_IN, .pattern = TS("added"), .timeout = TS_FOREVER, .min = TUPLES};
    char space[32]; /* of this run alone, so that it takes nobody else's tuples */
    ts_client *ts;
    double sum;

    (void)snprintf(space, sizeof(space), "sum.%ld", (long)getpid());
    ts = ts_space(ts_connect(NULL, NULL), space);
    for (int i = 0; i < WORKERS; i++)
        if (ts_eval(ts, "worker", work, NULL) != TS_OK)
            give_up(ts, "a worker");
    if (ts_out(ts, TS("sum", 0)) != TS_OK || ts_out(ts, TS(1, 2, 3, 4)) != TS_OK ||
        ts_out(ts, TS(4, 5, 6, 7)) != TS_OK || ts_out(ts, TS(3, 4, 5, 2)) != TS_OK)
        give_up(ts, "putting");

    if (ts_call(ts, &added) != TS_OK || ts_inp(ts, TS("sum", &sum)) != TS_OK)
        give_up(ts, "the sum");
    printf("sum: %g\n", sum);

    if (ts_in(ts, TS("sum", &sum), 5) != TS_TIMEOUT)
        give_up(ts, "no timeout");
    puts("no more sums");
    ts_shutdown(ts, 1);
    ts_disconnect(ts);
    return 0;
}
