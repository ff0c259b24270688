/* SPDX-License-Identifier: MIT */
/*
 * Tuples of atomic's steps (rule S22): where a guard's field may stand, and what is said where not.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tsctl/template.h"

static const ts_guard guards[] = {
    {.kind = TSD_GUARD_IN}, {.kind = TSD_GUARD_ABSENT}, {.kind = TSD_GUARD_RD}};
enum { GUARDS = sizeof(guards) / sizeof(guards[0]) };

static int read_text(struct template *template, const char *text, struct problem *problem)
{
    struct options options = {0};
    return template_read(&options, text, guards, GUARDS, template, problem);
}

static void check_from(const ts_value *value, unsigned guard, unsigned field, const int64_t *add)
{
    ck_assert_int_eq(value->kind, TS_KIND_FROM);
    ck_assert_int_eq(value->ext_type, (int)guard);
    ck_assert_uint_eq(value->size, field);
    ck_assert_int_eq(value->flags, add != NULL);
    if (add != NULL)
        ck_assert_int_eq(value->as.i64, *add);
}

START_TEST(a_guards_field_becomes_one)
{
    struct template template;
    struct problem problem;
    const int64_t one = 1, minus = -30, least = INT64_MIN;
    const char *text = "[\"$1.1\", $1.2, $3.255+1, $1.1-30 ,7,$3.1-9223372036854775808]";
    ck_assert_int_eq(read_text(&template, text, &problem), 0);
    ck_assert_uint_eq(template.count, 6);
    ck_assert_int_eq(template.fields[0].kind, TS_KIND_RAW); /* in a str it is text */
    ck_assert_uint_eq(template.fields[0].size, 5);
    ck_assert_mem_eq(template.fields[0].as.bytes, "\xa4$1.1", 5);
    check_from(&template.fields[1], 0, 1, NULL);
    check_from(&template.fields[2], 2, 254, &one);
    check_from(&template.fields[3], 0, 0, &minus);
    ck_assert_mem_eq(template.fields[4].as.bytes, "\x07", 1);
    check_from(&template.fields[5], 2, 0, &least);
    template_deinit(&template);
}
END_TEST

START_TEST(commas_inside_values_do_not_count)
{
    struct template template;
    struct problem problem;
    const char *text = "[[1, 2], {\"a,]\\\"\": 3, \"b\": 4}, $1.2]";
    ck_assert_int_eq(read_text(&template, text, &problem), 0);
    ck_assert_uint_eq(template.count, 3);
    check_from(&template.fields[2], 0, 1, NULL);
    template_deinit(&template);
}
END_TEST

START_TEST(names_are_names)
{
    struct template template;
    struct problem problem;
    struct options options = {0};
    ck_assert_int_eq(named_add_notation(&options.named, "n", "5"), 0);
    ck_assert_int_eq(template_read(&options, "[$n, $1.2]", guards, GUARDS, &template, &problem), 0);
    ck_assert_mem_eq(template.fields[0].as.bytes, "\x05", 1);
    check_from(&template.fields[1], 0, 1, NULL);
    template_deinit(&template);
    named_deinit(&options.named);
}
END_TEST

static const struct {
    const char *text;
    size_t offset;
    const char *says;
} wrong[] = {
    {"[1, [$1.2]]", 5, "inside another value"},
    {"[1, {\"k\": $1.2}]", 10, "inside another value"},
    {"$1.2", 0, "inside another value"},
    {"[$0.1]", 1, "no such guard"},
    {"[$4.1]", 1, "no such guard: they are counted from 1 to 3"},
    {"[$99999999999999999999.1]", 1, "no such guard"},
    {"[$1.0]", 1, "no such field"},
    {"[$1.256]", 1, "no such field"},
    {"[$1]", 1, "no such field"},
    {"[$1.]", 1, "no such field"},
    {"[$2.1]", 1, "guard 2 is --absent"},
    {"[$1.2+]", 1, "an integer of 64 bits"},
    {"[$1.2+9223372036854775808]", 1, "an integer of 64 bits"},
    {"[$1.2*2]", 5, "there can be +N or -N"},
    {"[$1.2+1.5]", 7, "there can be +N or -N"},
    {"[$1.2 +1]", 6, ""},
    {"[\"a\", $1.2 7]", 11, "comma"}, /* what the notation finds has its own place */
};
enum { WRONG = sizeof(wrong) / sizeof(wrong[0]) };

START_TEST(what_is_wrong_has_its_place)
{
    struct template template;
    struct problem problem;
    ck_assert_int_lt(read_text(&template, wrong[_i].text, &problem), 0);
    ck_assert_uint_eq(problem.offset, wrong[_i].offset);
    ck_assert_msg(strstr(problem.text, wrong[_i].says) != NULL, "%s: %s", wrong[_i].text,
                  problem.text);
    template_deinit(&template);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("template");
    TCase *tests = tcase_create("template");
    SRunner *runner = srunner_create(suite);

    suite_add_tcase(suite, tests);
    tcase_add_test(tests, a_guards_field_becomes_one);
    tcase_add_test(tests, commas_inside_values_do_not_count);
    tcase_add_test(tests, names_are_names);
    tcase_add_loop_test(tests, what_is_wrong_has_its_place, 0, WRONG);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
