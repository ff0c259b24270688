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
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
