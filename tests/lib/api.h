/* SPDX-License-Identifier: MIT */
/*
 * What tests of the installed interface share: a daemon and a client for each, and a main.
 */
#ifndef TSD_TEST_API_H
#define TSD_TEST_API_H

#include <check.h>
#include <stdlib.h>

#include <tsclient.h>

#include "lib/daemon.h"

static struct daemon server;
static ts_client *ts;

static void start(void)
{
    const ts_options options = {.positions = true};

    daemon_start(&server, NULL);
    ts = ts_connect(server.socket, &options);
}

static void stop(void)
{
    ts_disconnect(ts);
    daemon_stop(&server);
}

/* Not ck_assert, which would show the expansion of TS. */
#define is(got, expected) is_status(got, expected, __LINE__)
static void is_status(ts_status got, ts_status expected, int line)
{
    ck_assert_msg(got == expected, "line %d: %s, not %s: %s", line, ts_status_name(got),
                  ts_status_name(expected), ts_error_text(ts));
}

static int run_tests(const char *name, const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tcase, start, stop);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

#define RUN_TESTS(name, ...)                                                                       \
    int main(void)                                                                                 \
    {                                                                                              \
        const TTest *const tests[] = {__VA_ARGS__};                                                \
        return run_tests(name, tests, sizeof(tests) / sizeof(tests[0]));                           \
    }

#endif
