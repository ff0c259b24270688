/* SPDX-License-Identifier: MIT */
/*
 * last_one_out: the last one to leave turns off the light, and nobody else does.
 *
 *     last_one_out
 *
 * The tuple ("present", n) counts who is there. Leaving is one unit: it counts down, or, where one is
 * left, takes the light, too. From the shell, with one for each:
 *
 *     tsctl atomic -t 0 --in '["present", 1]' --in '["light"]' --out '["dark"]' ||
 *         tsctl atomic --in '["present", >1]' --out '["present", $1.2-1]'
 *
 * `drained` is the same without a count: it tells when no tuple is left, and none may come back.
 */
#include <stdio.h>
#include <unistd.h>

#include <tsclient.h>

enum { GUESTS = 12 };

/* Counts down, or turns off the light. Each may find that somebody has left in between. */
static ts_status leave(ts_client *ts, bool *last)
{
    ts_status status;

    do {
        *last = true;
        status = ts_atomic(ts, TS_GUARDS(ts_guard_in(TS("present", 1)), ts_guard_in(TS("light"))),
                           TS_STEPS(ts_step_out(TS("dark", (int)getpid()))), 0);
        if (status != TS_NOMATCH)
            return status;
        *last = false;
        status = ts_atomic(ts, TS_GUARDS(ts_guard_in(TS("present", ts_gt(1)))),
                           TS_STEPS(ts_step_out(TS("present", ts_from_plus(0, 1, -1)))), 0);
    } while (status == TS_NOMATCH);
    return status;
}

static int guest(ts_client *ts, void *arg)
{
    bool last;

    (void)arg;
    if (leave(ts, &last) != TS_OK)
        return 1;
    return ts_out(ts, TS("left", last ? TS_TRUE : TS_FALSE)) == TS_OK ? 0 : 1;
}

int main(void)
{
    ts_client *ts = ts_connect_private(NULL);
    uint64_t light = 0, dark = 0;
    int last = 0;
    bool was_last;

    ts_out(ts, TS("light"));
    ts_out(ts, TS("present", GUESTS));
    for (int i = 0; i < GUESTS; i++)
        ts_eval(ts, "guest", guest, NULL);
    for (int i = 0; i < GUESTS; i++) {
        if (ts_in(ts, TS("left", &was_last), TS_FOREVER) != TS_OK) {
            (void)fprintf(stderr, "last_one_out: %s\n", ts_error_text(ts));
            return 1;
        }
        last += was_last;
    }
    ts_count(ts, TS("light"), &light);
    ts_count(ts, TS("dark", TS_ANY), &dark);
    printf("%d left, %d of them as the last one; light: %d, dark: %d\n", GUESTS, last, (int)light,
           (int)dark);
    ts_shutdown(ts, TS_FOREVER);
    ts_disconnect(ts);
    return last != 1 || light != 0 || dark != 1;
}
