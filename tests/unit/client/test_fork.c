/* SPDX-License-Identifier: MIT */
/*
 * The contract, clause 1: after a fork the child's copy is dead.
 */
#include <fcntl.h>
#include <sys/wait.h>

#include "lib/tried.h"
#include "unit/client/fake.h"
#include "unit/client/told.h"

static int child_status(pid_t child)
{
    int status;

    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* What the child saw, as its exit status: a failed check there would not be seen here. */
static int use_in_child(ts_client *ts)
{
    ts_status call = ts_ping(ts), dispatch = ts_client_dispatch(ts),
              submit = ts_submit_out(ts, TS(1), tell, NULL);
    bool told_why = strstr(ts_error_text(ts), "forked") != NULL;

    ts_disconnect(ts);
    return call == TS_LOST && dispatch == TS_LOST && submit == TS_LOST && told_why &&
                   told_count == 0
               ? 0
               : 1;
}

START_TEST(the_childs_copy_is_dead_and_says_nothing)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    pid_t child;

    told_count = 0;
    submit_in(ts, tell, NULL);
    answer_in(&fake, 1, "[1]", 1);
    answer_in(&fake, 2, "[2]", 2);
    is(ts_in(ts, TS(TS_ANY), 1), TS_OK);
    fake_request(&fake);
    fake_request(&fake);
    child = fork();
    if (child == 0)
        _exit(use_in_child(ts));
    ck_assert_int_eq(child_status(child), 0);
    ck_assert_msg(!fake_read(&fake), "the child wrote to its parent's connection");
    is(ts_client_dispatch(ts), TS_OK); /* the parent goes on */
    ck_assert(was_told(0, 1, TS_OK));
    fake_end(&fake);
    tried("the_childs_copy_is_dead_and_says_nothing", 1);
}
END_TEST

START_TEST(the_childs_event_loop_does_not_wait_for_the_parents_descriptor)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    pid_t child = fork();

    if (child == 0)
        _exit(ts_client_timeout(ts) == 0 ? 0 : 1);
    ck_assert_int_eq(child_status(child), 0);
    ck_assert(ts_client_timeout(ts) == TS_NEVER);
    fake_end(&fake);
}
END_TEST

static void fork_inside(ts_client *client, uint64_t number, ts_status status,
                        const ts_result *result, void *arg)
{
    (void)client, (void)number, (void)status, (void)result;
    *(pid_t *)arg = fork();
}

START_TEST(a_child_forked_in_a_callback_leaves_the_dispatch_alone)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    pid_t child = -1;

    told_count = 0;
    submit_in(ts, fork_inside, &child);
    submit_in(ts, tell, NULL);
    answer_in(&fake, 1, "[1]", 1);
    answer_in(&fake, 2, "[2]", 2);
    ts_status status = ts_client_dispatch(ts);
    if (child == 0) {
        ts_disconnect(ts);
        _exit(status == TS_LOST && told_count == 0 ? 0 : 1);
    }
    is(status, TS_OK);
    ck_assert_int_eq(child_status(child), 0);
    ck_assert_uint_eq(told_count, 1);
    for (int i = 0; i < 3; i++)
        fake_request(&fake);
    ck_assert(!fake_read(&fake));
    fake_end(&fake);
}
END_TEST

START_TEST(a_child_may_connect_anew)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);
    const int parents = fake.fd;
    pid_t child = fork();

    if (child == 0) {
        ts_status status = ts_reconnect(ts);
        status = status == TS_OK ? ts_ping(ts) : status;
        _exit(status == TS_OK ? 0 : 1);
    }
    fake_accept(&fake);
    fake_welcome(&fake);
    answer_nil(&fake, 1, TS_OK);
    ck_assert_int_eq(child_status(child), 0);
    close(parents);
    fake_end(&fake);
}
END_TEST

START_TEST(descriptors_are_closed_on_exec)
{
    struct fake fake;
    ts_client *ts = fake_start(&fake, NULL);

    ck_assert(fcntl(ts_client_fd(ts), F_GETFD) & FD_CLOEXEC);
    fake_end(&fake);
    tried("descriptors_are_closed_on_exec", 1);
}
END_TEST

RUN_TESTS("client/fork", the_childs_copy_is_dead_and_says_nothing,
          the_childs_event_loop_does_not_wait_for_the_parents_descriptor,
          a_child_forked_in_a_callback_leaves_the_dispatch_alone, a_child_may_connect_anew,
          descriptors_are_closed_on_exec)
