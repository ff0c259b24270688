/* SPDX-License-Identifier: MIT */
/*
 * insert_if_absent: of many who would, one registers a name.
 *
 *     insert_if_absent
 *
 * Each worker tries to put ("leader", name, pid) if there is none, in one unit. From the shell:
 *
 *     tsctl atomic -t 0 --absent '["leader", ...]' --out '["leader", "me"]' && echo 'I lead'
 *
 * A tuple that somebody has taken and may still give back counts as being there.
 */
#include <stdio.h>
#include <unistd.h>

#include <tsclient.h>

enum { WORKERS = 8, NAMES = 20 };

static ts_status claim(ts_client *ts, int name)
{
    return ts_atomic(ts, TS_GUARDS(ts_guard_absent(TS("leader", name, TS_REST))),
                     TS_STEPS(ts_step_out(TS("leader", name, (int)getpid()))), 0);
}

static int work(ts_client *ts, void *arg)
{
    int won = 0;

    (void)arg;
    for (int name = 0; name < NAMES; name++) {
        ts_status status = claim(ts, name);
        if (status != TS_OK && status != TS_NOMATCH)
            return 1;
        won += status == TS_OK;
    }
    return ts_out(ts, TS("won", won)) == TS_OK ? 0 : 1;
}

int main(void)
{
    ts_client *ts = ts_connect_private(NULL);
    uint64_t leaders = 0;
    int all = 0, won;

    for (int i = 0; i < WORKERS; i++)
        ts_eval(ts, "worker", work, NULL);
    for (int i = 0; i < WORKERS; i++) {
        if (ts_in(ts, TS("won", &won), TS_FOREVER) != TS_OK) {
            (void)fprintf(stderr, "insert_if_absent: %s\n", ts_error_text(ts));
            return 1;
        }
        all += won;
    }
    ts_count(ts, TS("leader", TS_REST), &leaders);
    printf("%d names, %d claims won, %d leaders\n", NAMES, all, (int)leaders);
    ts_shutdown(ts, TS_FOREVER);
    ts_disconnect(ts);
    return all != NAMES || leaders != NAMES;
}
