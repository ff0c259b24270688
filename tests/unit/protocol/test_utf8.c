/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/utf8.h"

/* After Markus Kuhn's decoder capability and stress test. */
static const char *const valid[] = {
    "",
    "plain",
    "exactly8",
    "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5", /* 1: "kosme" */
    "\xc2\x80",                                     /* 2.1: the first of each length */
    "\xe0\xa0\x80",
    "\xf0\x90\x80\x80",
    "\x7f", /* 2.2: the last of each length */
    "\xdf\xbf",
    "\xef\xbf\xbf",
    "\xf4\x8f\xbf\xbf",
    "\xed\x9f\xbf", /* 2.3: around the surrogates */
    "\xee\x80\x80",
    "\xef\xbf\xbd",
    "\xef\xb7\x90", /* 5.3: noncharacters are characters to UTF-8 */
    "\xef\xbf\xbe",
};
enum { VALID = sizeof valid / sizeof valid[0] };

START_TEST(accepts)
{
    ck_assert(utf8_is_valid(valid[_i], strlen(valid[_i])));
}
END_TEST

static const char *const invalid[] = {
    "\xf4\x90\x80\x80",     /* 2.3: above U+10FFFF */
    "\xf5\x80\x80\x80",     /* lead bytes that can only be above it */
    "\xf8\x88\x80\x80\x80", /* 2.1: five and six bytes */
    "\xfc\x84\x80\x80\x80\x80",
    "\x80", /* 3.1: continuations alone */
    "\xbf",
    "\x80\xbf\x80",
    "\xc2 ", /* 3.2: starts alone */
    "\xdf ",
    "\xe0 ",
    "\xf0 ",
    "\xc2", /* 3.3: the last continuation missing */
    "\xe0\xa0",
    "\xf0\x90\x80",
    "\xef\xbf",
    "\xf4\x8f\xbf",
    "\xe1\x80 ",
    "\xe1 \x80",
    "\xf1\x80\x80 ",
    "\xf1\x80 \x80",
    "\xfe", /* 3.5: impossible bytes */
    "\xff",
    "\xfe\xfe\xff\xff",
    "\xc0\xaf", /* 4.1: an overlong slash */
    "\xe0\x80\xaf",
    "\xf0\x80\x80\xaf",
    "\xc1\xbf", /* 4.2: the greatest overlong ones */
    "\xe0\x9f\xbf",
    "\xf0\x8f\xbf\xbf",
    "\xc0\x80", /* 4.3: an overlong NUL */
    "\xe0\x80\x80",
    "\xf0\x80\x80\x80",
    "\xed\xa0\x80", /* 5.1: surrogates */
    "\xed\xad\xbf",
    "\xed\xae\x80",
    "\xed\xbf\xbf",
    "\xed\xa0\x80\xed\xb0\x80", /* 5.2: a pair of them */
};
enum { INVALID = sizeof invalid / sizeof invalid[0] };

START_TEST(refuses)
{
    ck_assert_uint_eq(utf8_valid_size(invalid[_i], strlen(invalid[_i])), 0);
}
END_TEST

/* Wherever in a long text it stands, it is found, and what is before it is told. */
START_TEST(refuses_anywhere)
{
    size_t bad = strlen(invalid[_i]);

    for (size_t before = 0; before < 80; before++) {
        for (size_t after = 0; after < 20; after++) {
            char text[128];
            memset(text, 'x', sizeof text);
            memcpy(text + before, invalid[_i], bad);
            ck_assert_uint_eq(utf8_valid_size(text, before + bad + after), before);
        }
    }
}
END_TEST

START_TEST(accepts_anywhere)
{
    size_t good = strlen(valid[_i]);

    for (size_t before = 0; before < 80; before++) {
        char text[128];
        memset(text, 'x', sizeof text);
        memcpy(text + before, valid[_i], good);
        ck_assert_uint_eq(utf8_valid_size(text, before + good + 9), before + good + 9);
    }
}
END_TEST

START_TEST(nul_is_a_character)
{
    ck_assert(utf8_is_valid("a\0b", 3));
}
END_TEST

START_TEST(every_character_comes_back)
{
    for (uint32_t point = 0; point <= 0x10ffff; point++) {
        uint8_t bytes[4];
        unsigned length;
        if (point >= 0xd800 && point <= 0xdfff)
            continue;
        unsigned size = utf8_encode(point, bytes);
        ck_assert(utf8_is_valid(bytes, size));
        ck_assert_uint_eq(utf8_decode(bytes, &length), point);
        ck_assert_uint_eq(length, size);
    }
}
END_TEST

/* Each run of up to three bytes is valid exactly where it is what utf8_encode writes. */
START_TEST(nothing_else_is_valid)
{
    for (uint32_t run = 0; run < 1u << 24; run += run < 1u << 23 ? 0x40000 : 1) {
        uint8_t bytes[3] = {(uint8_t)(run >> 16), (uint8_t)(run >> 8), (uint8_t)run}, again[4];
        if (bytes[0] < 0xe0 || bytes[0] >= 0xf0)
            continue;
        uint32_t point = (bytes[0] & 15u) << 12 | (bytes[1] & 63u) << 6 | (bytes[2] & 63u);
        bool surrogate = point >= 0xd800 && point <= 0xdfff;
        bool written = utf8_encode(point, again) == 3 && memcmp(bytes, again, 3) == 0;
        ck_assert_int_eq(utf8_is_valid(bytes, 3), written && !surrogate);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("utf8");
    TCase *tests = tcase_create("utf8");
    SRunner *runner = srunner_create(suite);

    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, accepts, 0, VALID);
    tcase_add_loop_test(tests, refuses, 0, INVALID);
    tcase_add_loop_test(tests, refuses_anywhere, 0, INVALID);
    tcase_add_loop_test(tests, accepts_anywhere, 0, VALID);
    tcase_add_test(tests, nul_is_a_character);
    tcase_add_test(tests, every_character_comes_back);
    tcase_add_test(tests, nothing_else_is_valid);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
