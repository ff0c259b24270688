/* SPDX-License-Identifier: MIT */
/*
 * loop: the library in an event loop that has something else to watch, too.
 *
 *     tsctl run -- loop
 *
 * Takes one tuple ("print", text) after the other, prints its text and puts ("printed", text),
 * until SIGINT or SIGTERM. Then it cancels the wait, so that no tuple is taken that nobody would
 * print; one that came just before is printed. tsclient(3) shows this program from here on.
 */
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/signalfd.h>

#include <tsclient.h>

struct printer {
    uint64_t waiting; /* the number of the request that waits */
    ts_status status; /* TS_OK while all is well */
    bool stopping;    /* by a signal */
    bool done;
};

static void wait_for_text(ts_client *ts, struct printer *printer);

/* The answer to the request that waited. */
static void print(ts_client *ts, uint64_t number, ts_status status, const ts_result *result,
                  void *arg)
{
    struct printer *printer = arg;
    const char *text;

    (void)number;
    if (status == TS_OK && ts_bind(ts, ts_tuple_at(result, 0), TS("print", &text))) {
        puts(text);
        fflush(stdout);
        ts_submit_out(ts, TS("printed", text), NULL, NULL); /* acknowledges the one taken */
    }
    if (status == TS_OK && !printer->stopping)
        wait_for_text(ts, printer);
    else
        printer->done = true; /* cancelled; or lost, which the dispatch returns, too */
}

static void wait_for_text(ts_client *ts, struct printer *printer)
{
    const char *text; /* matches any string; ts_bind sets it */

    printer->status =
        ts_submit_in(ts, TS("print", &text), TS_FOREVER, print, printer, &printer->waiting);
}

/* A descriptor that can be read once one of the signals has come. */
static int watch_signals(void)
{
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    return signalfd(-1, &signals, SFD_CLOEXEC);
}

int main(void)
{
    struct printer printer = {.status = TS_OK};
    ts_client *ts = ts_connect(NULL, NULL);
    int signals = watch_signals();
    ts_status status;

    wait_for_text(ts, &printer);
    while (printer.status == TS_OK && !printer.done) {
        struct pollfd p[] = {{ts_client_fd(ts), ts_client_events(ts), 0}, {signals, POLLIN, 0}};

        poll(p, 2, ts_client_poll_timeout(ts));
        if (p[1].revents) {
            printer.stopping = true;
            ts_cancel(ts, printer.waiting); /* the callback runs in any case, below */
        }
        status = ts_client_dispatch(ts);
        if (status != TS_OK)
            printer.status = status;
    }
    if (printer.status != TS_OK)
        fprintf(stderr, "loop: %s\n", ts_error_text(ts));
    ts_disconnect(ts);
    return printer.status != TS_OK;
}
