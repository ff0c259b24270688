/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/base64.h"

static struct buffer out;

static void ck_assert_out(const void *bytes, size_t size)
{
    ck_assert_uint_eq(out.size, size);
    ck_assert(size == 0 || memcmp(out.bytes, bytes, size) == 0);
}

/* RFC 4648, section 10, and what uses the whole alphabet. */
static const struct {
    const char *bytes;
    const char *text;
} pairs[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xfb\xff\xbf", "+/+/"},
    {"\xff\xff", "//8="},
};
enum { PAIRS = sizeof pairs / sizeof pairs[0] };

START_TEST(encodes)
{
    base64_encode(pairs[_i].bytes, strlen(pairs[_i].bytes), &out);
    ck_assert_out(pairs[_i].text, strlen(pairs[_i].text));
    buffer_deinit(&out);
}
END_TEST

START_TEST(decodes)
{
    size_t size = strlen(pairs[_i].text);

    ck_assert_uint_eq(base64_decode(pairs[_i].text, size, &out), size);
    ck_assert_out(pairs[_i].bytes, strlen(pairs[_i].bytes));
    buffer_deinit(&out);
}
END_TEST

START_TEST(every_byte_comes_back)
{
    uint8_t bytes[257];
    struct buffer text = BUFFER_INIT;

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    for (size_t size = 0; size <= sizeof bytes; size++) {
        buffer_clear(&text);
        buffer_clear(&out);
        base64_encode(bytes, size, &text);
        ck_assert_uint_eq(base64_decode((const char *)text.bytes, text.size, &out), text.size);
        ck_assert_out(bytes, size);
    }
    buffer_deinit(&text);
    buffer_deinit(&out);
}
END_TEST

/* Beside "Zm9vYg==" and "Zm9vYmE=": where each goes wrong. */
static const struct {
    const char *text;
    size_t wrong;
} refused[] = {
    {"Z", 0},          {"Zg", 0},    {"Zg=", 0},       {"Zm9vYg=", 4}, {"Zg==Zg==", 2},
    {"Zm9v====", 4},   {"====", 0},  {"Z===", 1},      {"Zm9=", 2},    {"Zh==", 1},
    {"Zm9vYmE=\n", 7}, {"Zm 9v", 2}, {"Zm9v Yg==", 4}, {"Zm-_", 2},    {"Zm9\xc3", 3},
    {"Zg=A", 2},       {"Z=g=", 1},
};
enum { REFUSED = sizeof refused / sizeof refused[0] };

START_TEST(refuses)
{
    size_t size = strlen(refused[_i].text);

    buffer_append(&out, "x", 1);
    ck_assert_uint_eq(base64_decode(refused[_i].text, size, &out), refused[_i].wrong);
    ck_assert_uint_eq(out.size, 1); /* nothing is appended */
    buffer_deinit(&out);
}
END_TEST

START_TEST(a_nul_is_no_digit)
{
    ck_assert_uint_eq(base64_decode("Zm9\0", 4, &out), 3);
    buffer_deinit(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base64");
    TCase *tests = tcase_create("base64");
    SRunner *runner = srunner_create(suite);

    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, encodes, 0, PAIRS);
    tcase_add_loop_test(tests, decodes, 0, PAIRS);
    tcase_add_test(tests, every_byte_comes_back);
    tcase_add_loop_test(tests, refuses, 0, REFUSED);
    tcase_add_test(tests, a_nul_is_no_digit);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
