/* SPDX-License-Identifier: MIT */
/*
 * Clause 1 of the contract with a real daemon: the child's copy of a client is dead.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "lib/api.h"

/* What the child saw, as its exit status. */
static int in_child(int (*run)(void))
{
    pid_t child = fork();
    int status;

    if (child == 0)
        _exit(run());
    status = wait_for(child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int use_the_parents(void)
{
    bool dead = ts_out(ts, TS("child")) == TS_LOST && ts_client_ack(ts) == TS_LOST;

    ts_disconnect(ts);
    return dead ? 0 : 1;
}

START_TEST(a_child_neither_writes_nor_acknowledges)
{
    is(ts_out(ts, TS("task", 1)), TS_OK);
    is(ts_inp(ts, TS("task", TS_ANY)), TS_OK);
    ck_assert_int_eq(in_child(use_the_parents), 0);
    is(ts_spaces(ts), TS_OK); /* the parent's connection goes on */
    is(ts_rdp(ts, TS("child")), TS_NOMATCH);
}
END_TEST

static int connect_anew(void)
{
    int n = 0;
    bool good = ts_reconnect(ts) == TS_OK && ts_in(ts, TS("task", &n), 10) == TS_OK &&
                ts_out(ts, TS("done", n)) == TS_OK;

    ts_disconnect(ts);
    return good && n == 2 ? 0 : 1;
}

START_TEST(a_child_works_on_a_connection_of_its_own)
{
    is(ts_out(ts, TS("task", 2)), TS_OK);
    ck_assert_int_eq(in_child(connect_anew), 0);
    is(ts_inp(ts, TS("done", 2)), TS_OK);
}
END_TEST

RUN_TESTS("api/fork", a_child_neither_writes_nor_acknowledges,
          a_child_works_on_a_connection_of_its_own)
