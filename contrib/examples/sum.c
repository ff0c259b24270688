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
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <tsclient.h>

enum { WORKERS = 5, TUPLES = 3 };

static char space[32]; /* of this run alone, so that it takes nobody else's tuples */

static ts_client *connect_here(void)
{
    const ts_options options = {.space = space};

    return ts_connect(NULL, &options);
}

static _Noreturn void give_up(ts_client *ts, const char *what)
{
    (void)fprintf(stderr, "sum: %s: %s\n", what, ts_error_text(ts));
    exit(1); /* no goodbye: a tuple that was taken and not dealt with goes back */
}

/* The sum of what is a number in the tuple. */
static double add_fields(const ts_tuple *tuple)
{
    double sum = 0, x;

    for (size_t i = 0; i < tuple->fields; i++)
        if (ts_field_double(tuple, i, &x))
            sum += x;
    return sum;
}

static _Noreturn void work(pid_t parent)
{
    ts_client *ts;
    double sum;

    prctl(PR_SET_PDEATHSIG, SIGTERM); /* a worker does not outlive who started it... */
    if (getppid() != parent)
        exit(1); /* ...nor where that has ended already */
    ts = connect_here();
    while (ts_in(ts, TS(TS_ANY, TS_ANY, TS_ANY, TS_ANY), TS_FOREVER) == TS_OK) {
        double more = add_fields(ts_tuple_at(ts_last(ts), 0));

        sleep(1); /* it is hard work */
        if (ts_in(ts, TS("sum", &sum), TS_FOREVER) != TS_OK)
            break;
        const ts_values both[] = {TS("sum", sum + more), TS("added")};
        if (ts_out_many(ts, both, 2) != TS_OK)
            break;
    }
    give_up(ts, "a worker");
}

static void start_workers(pid_t workers[WORKERS])
{
    const pid_t parent = getpid();

    for (int i = 0; i < WORKERS; i++) {
        workers[i] = fork();
        if (workers[i] == 0)
            work(parent);
        if (workers[i] < 0) {
            perror("sum: fork");
            exit(1);
        }
    }
}

static void end_workers(const pid_t workers[WORKERS])
{
    for (int i = 0; i < WORKERS; i++)
        kill(workers[i], SIGTERM);
    for (int i = 0; i < WORKERS; i++)
        waitpid(workers[i], NULL, 0);
}

int main(void)
{
    const ts_request added = {
        .operation = TSD_OP_IN, .pattern = TS("added"), .timeout = TS_FOREVER, .min = TUPLES};
    pid_t workers[WORKERS];
    ts_client *ts;
    double sum;

    (void)snprintf(space, sizeof(space), "sum.%ld", (long)getpid());
    start_workers(workers); /* before this process has a connection: each makes its own */
    ts = connect_here();
    if (ts_out(ts, TS("sum", 0)) != TS_OK || ts_out(ts, TS(1, 2, 3, 4)) != TS_OK ||
        ts_out(ts, TS(4, 5, 6, 7)) != TS_OK || ts_out(ts, TS(3, 4, 5, 2)) != TS_OK)
        give_up(ts, "putting");

    if (ts_call(ts, &added) != TS_OK || ts_inp(ts, TS("sum", &sum)) != TS_OK)
        give_up(ts, "the sum");
    printf("sum: %g\n", sum);
    (void)fflush(stdout);

    if (ts_in(ts, TS("sum", &sum), 5) != TS_TIMEOUT)
        give_up(ts, "no timeout");
    puts("no more sums");
    end_workers(workers);
    ts_disconnect(ts);
    return 0;
}
