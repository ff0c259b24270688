/* SPDX-License-Identifier: MIT */
/*
 * TS from C++: values, formals, matchers, and the types that it does not take.
 */
#include <string>
#include <type_traits>
#include <utility>

#include <check.h>
#include <tsclient.h>

extern "C" {
#define static /* of an array parameter, which C++ does not have */
#include "lib/daemon.h"
#undef static
}

namespace
{
struct daemon server;
ts_client *ts;

void start()
{
    daemon_start(&server, nullptr);
    ts = ts_connect(server.socket, nullptr);
}

void stop()
{
    ts_disconnect(ts);
    daemon_stop(&server);
}

/* Whether TS takes a value of the type. */
template <class T, class = void> struct takes : std::false_type {
};
template <class T>
struct takes<T, decltype(static_cast<void>(tsclient::value(std::declval<T>())))> : std::true_type {
};

static_assert(takes<int>::value && takes<const char *>::value && takes<double *>::value, "");
static_assert(takes<std::string>::value && takes<ts_bytes *>::value && takes<bool>::value, "");
static_assert(!takes<float *>::value && !takes<char>::value && !takes<void *>::value, "");
static_assert(!takes<const int *>::value && !takes<std::nullptr_t>::value, "");

bool is(ts_status got, ts_status expected)
{
    return got == expected;
}

START_TEST(values_and_formals)
{
    std::string name = "worker";
    int id = 0;
    double x = 0;
    bool flag = false;
    const char *text = nullptr;
    ts_bytes bytes = {};

    ck_assert(is(ts_out(ts, TS("task", 42, 3.5, true, name, std::string("a\0b", 3))), TS_OK));
    ck_assert(is(ts_in(ts, TS("task", &id, &x, &flag, &text, &bytes), TS_FOREVER), TS_OK));
    ck_assert(id == 42 && x == 3.5 && flag && name == text && bytes.size == 3);
}
END_TEST

START_TEST(matchers)
{
    int n = 0;

    ck_assert(is(ts_out(ts, TS("m", 7, TS_ARRAY(1, "x"), TS_MAP("k", 2), TS_NIL)), TS_OK));
    ck_assert(is(ts_rdp(ts, TS(ts_prefix("m"), ts_range(1, 9), TS_ARRAY(TS_ANY, "x"),
                               TS_MAP("k", ts_and(&n, ts_gt(1)), TS_REST), TS_NIL)),
                 TS_OK));
    ck_assert_int_eq(n, 2);
    ck_assert(is(ts_rdp(ts, TS(ts_or("a", ts_not("m")), TS_REST)), TS_NOMATCH));
    ck_assert(is(ts_rdp(ts, TS(ts_length(ts_ge(1)), ts_ne(8), TS_REST)), TS_OK));
}
END_TEST

START_TEST(requests)
{
    auto pattern = TS("r", TS_ANY_INT);
    ts_request request = {};

    request.operation = TSD_OP_RD;
    request.pattern = pattern;
    ck_assert(is(ts_call(ts, &request), TS_NOMATCH));
    ck_assert(is(ts_out(ts, TS("r", 1)), TS_OK));
    ck_assert(is(ts_call(ts, &request), TS_OK));
}
END_TEST

START_TEST(units)
{
    int n = 0;
    std::string name = "n";

    ck_assert(is(ts_out(ts, TS(name, 1)), TS_OK));
    ck_assert(is(ts_atomic(ts, TS_GUARDS(ts_guard_in(TS("n", &n)), ts_guard_absent(TS("stop"))),
                           TS_STEPS(ts_step_out(TS(name, ts_from_plus(0, 1, 41)))), 0),
                 TS_OK));
    ck_assert_int_eq(n, 1);
    ck_assert(is(ts_atomic(ts, TS_GUARDS(ts_guard_hold(TS("n", 42), 60)), nullptr, 0, 0), TS_OK));

    const ts_token token = ts_tuple_at(ts_last(ts), 0)->token;
    char text[TS_TOKEN_TEXT];
    ck_assert(is(ts_token_text(&token, text), TS_OK));
    ck_assert(is(ts_finish(ts, &token, 1, nullptr, 0), TS_OK));
    ck_assert(is(ts_drained(ts, TS(name, TS_ANY), 0), TS_OK));
}
END_TEST

void count_puts(ts_client *, uint64_t, ts_status, const ts_event *event, void *arg)
{
    if (event && event->kind == TSD_EVENT_PUT)
        ++*static_cast<int *>(arg);
}

START_TEST(watching)
{
    const ts_event *event = nullptr;
    uint64_t number = 0;
    int puts = 0;

    ck_assert(is(ts_watch(ts, TS("w", TS_REST), nullptr, count_puts, &puts, nullptr), TS_OK));
    ck_assert(is(ts_watch(ts, TS("w", TS_REST), nullptr, nullptr, nullptr, &number), TS_OK));
    ck_assert(is(ts_out(ts, TS("w", 1)), TS_OK));
    ck_assert(is(ts_watch_next(ts, number, TS_FOREVER, &event), TS_OK));
    ck_assert(event->kind == TSD_EVENT_READY);
    ck_assert(is(ts_watch_next(ts, number, TS_FOREVER, &event), TS_OK));
    ck_assert(event->kind == TSD_EVENT_PUT && event->tuple->fields == 2);
    ck_assert(is(ts_client_dispatch(ts), TS_OK));
    ck_assert_int_eq(puts, 1);
}
END_TEST
} /* namespace */

int main()
{
    Suite *suite = suite_create("api/cxx");
    TCase *tcase = tcase_create("cxx");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tcase, start, stop);
    tcase_add_test(tcase, values_and_formals);
    tcase_add_test(tcase, matchers);
    tcase_add_test(tcase, requests);
    tcase_add_test(tcase, units);
    tcase_add_test(tcase, watching);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
