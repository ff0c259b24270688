/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>

#include "protocol/nearest.h"
#include "tsctl/requote.h"
#include "tsctl/width.h"

static const struct {
    char *words[5];
    const char *text;
    int taken;
} lost[] = {
    {{"[task,", "1]"}, "[\"task\", 1]", 2},
    {{"[task,", "1]", "[task,", "2]"}, "[\"task\", 1]", 2},
    {{"[task,1]"}, "[\"task\",1]", 1},
    {{"[task,", "?int,", ">=1.5,", "..."}, "[\"task\", ?int, >=1.5, ...]", 4},
    {{"[a", "b,", "true,", "null,", "-3e5]"}, "[\"a b\", true, null, -3e5]", 5},
    {{"[x,", "{k:", "v}]"}, "[\"x\", {\"k\": \"v\"}]", 3},
    {{"[^pre,", "$f]"}, "[^\"pre\", $f]", 2},
    {{"[\"task\",", "1]"}, "[\"task\", 1]", 2}, /* split, with its quotes */
};
enum { LOST = sizeof(lost) / sizeof(lost[0]) };

START_TEST(puts_quotes_back)
{
    int count = 0;
    while (count < 5 && lost[_i].words[count] != NULL)
        count++;
    struct buffer text = BUFFER_INIT;
    int taken = requote(lost[_i].words, count, &text);
    buffer_append_byte(&text, '\0');
    ck_assert_str_eq((const char *)text.bytes, lost[_i].text);
    ck_assert_int_eq(taken, lost[_i].taken);
    buffer_deinit(&text);
}
END_TEST

START_TEST(knows_whether_a_word_closes)
{
    ck_assert(requote_is_closed("[\"task\", [1]]"));
    ck_assert(!requote_is_closed("[\"task\", [1]"));
    ck_assert(!requote_is_closed("[\"task]"));
    ck_assert(requote_is_closed("[\"a[\"]"));
    ck_assert(!requote_is_closed("[\"a\\\"]"));
}
END_TEST

static const char *near(const char *wanted)
{
    static const char *const names[] = {"out", "in", "inp", "rd", "rdp", "scan", "count", "spaces"};
    struct nearest nearest = nearest_to(wanted);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        nearest_offer(&nearest, names[i]);
    return nearest.name;
}

START_TEST(finds_the_nearest_name)
{
    ck_assert_str_eq(near("ot"), "out");
    ck_assert_str_eq(near("sacn"), "scan");
    ck_assert_str_eq(near("space"), "spaces");
    ck_assert_str_eq(near("conut"), "count");
    ck_assert_ptr_null(near("zebra"));
    ck_assert_ptr_null(near("an unreasonably long word that names no command at all"));
}
END_TEST

START_TEST(counts_columns)
{
    ck_assert_uint_eq(width_of("abc", 3), 3);
    ck_assert_uint_eq(width_of("\xc3\xa9", 2), 1);  /* e with an accent */
    ck_assert_uint_eq(width_of("e\xcc\x81", 3), 1); /* the accent as a mark of its own */
    ck_assert_uint_eq(width_of("\xe6\xbc\xa2\xe5\xad\x97", 6), 4); /* two wide characters */
    ck_assert_uint_eq(width_of("\x01\xff", 2), 2);                 /* stand-ins */
    ck_assert(!width_next("\x1b[", 2).printable);
    ck_assert(!width_next("\xc2\x9b", 2).printable); /* a control character beyond ASCII */
    ck_assert(width_next("\xc3\xa9", 2).printable);
    ck_assert_uint_eq(width_next("\xc3", 1).bytes, 1); /* cut off */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("requote");
    TCase *tests = tcase_create("requote");
    SRunner *runner = srunner_create(suite);

    suite_add_tcase(suite, tests);
    tcase_add_loop_test(tests, puts_quotes_back, 0, LOST);
    tcase_add_test(tests, knows_whether_a_word_closes);
    tcase_add_test(tests, finds_the_nearest_name);
    tcase_add_test(tests, counts_columns);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
