/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/config_value.h"

#define UNTOUCHED 0xdeadbeefu
#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

static struct problem problem;

static const struct {
    const char *text;
    uint32_t mode;
} modes[] = {{"0600", 0600}, {"660", 0660}, {"0", 0}, {"0777", 0777}, {"00000007", 7}};

START_TEST(a_mode_is_octal)
{
    uint32_t mode = UNTOUCHED, rights = UNTOUCHED;

    ck_assert_int_eq(config_value_mode(modes[_i].text, &mode, &problem), 0);
    ck_assert_uint_eq(mode, modes[_i].mode);
    ck_assert_int_eq(config_value_rights(modes[_i].text, &rights, &problem), 0);
    ck_assert_uint_eq(rights, modes[_i].mode);
}
END_TEST

static const char *const wrong_modes[] = {"",     "8",    "01000", "0x1ff",         "-1",
                                          " 600", "600 ", "0o60",  "7777777777777", "u=rw"};

START_TEST(what_is_no_mode_is_refused)
{
    uint32_t mode = UNTOUCHED;

    ck_assert_int_lt(config_value_mode(wrong_modes[_i], &mode, &problem), 0);
    ck_assert_ptr_nonnull(strstr(problem.text, "not an octal mode from 0 to 0777: "));
    ck_assert_int_lt(config_value_rights(wrong_modes[_i], &mode, &problem), 0);
    ck_assert_ptr_nonnull(strstr(problem.text, "not a mode, as 0750 or rwtr-t---"));
    ck_assert_uint_eq(mode, UNTOUCHED);
}
END_TEST

static const struct {
    const char *text;
    uint32_t mode;
} rights[] = {{"rwtrwtrwt", 0777},
              {"---------", 0},
              {"rwtr-----", 0740},
              {"--t-w-r--", 0124},
              {"r-tr-t---", 0550}};

START_TEST(rights_are_nine_letters)
{
    uint32_t mode = UNTOUCHED;

    ck_assert_int_eq(config_value_rights(rights[_i].text, &mode, &problem), 0);
    ck_assert_uint_eq(mode, rights[_i].mode);
    ck_assert_int_lt(config_value_mode(rights[_i].text, &mode, &problem), 0); /* not a file's */
}
END_TEST

static const char *const wrong_rights[] = {"rwxr-x---", "rwtr----", "rwtr------", "wrtr-----",
                                           "RWTR-----"};

START_TEST(letters_have_their_places)
{
    uint32_t mode = UNTOUCHED;

    ck_assert_int_lt(config_value_rights(wrong_rights[_i], &mode, &problem), 0);
    ck_assert_uint_eq(mode, UNTOUCHED);
}
END_TEST

START_TEST(somebody_is_known_by_name)
{
    const struct passwd *user = getpwuid(0);
    const struct group *group = getgrgid(0);
    uint32_t id = UNTOUCHED;

    ck_assert(user && group);
    ck_assert_int_eq(config_value_user(user->pw_name, &id, &problem), 0);
    ck_assert_uint_eq(id, 0);
    id = UNTOUCHED;
    ck_assert_int_eq(config_value_group(group->gr_name, &id, &problem), 0);
    ck_assert_uint_eq(id, 0);
}
END_TEST

START_TEST(a_number_need_not_be_anybodys)
{
    uint32_t id = UNTOUCHED;

    ck_assert_int_eq(config_value_user("4294967294", &id, &problem), 0);
    ck_assert_uint_eq(id, 4294967294u);
    ck_assert_int_eq(config_value_group("007", &id, &problem), 0);
    ck_assert_uint_eq(id, 7);
}
END_TEST

static const struct {
    const char *text, *said;
} nobody[] = {
    {"4294967295", "the number of a user is at most 4294967294: 4294967295"},
    {"18446744073709551616", "the number of a user is at most 4294967294"},
    {"no such user", "there is no user of the name \"no such user\""},
    {"", "there is no user of the name \"\""},
    {"-1", "there is no user of the name \"-1\""},
};

START_TEST(nobody_is_said_to_be_so)
{
    uint32_t id = UNTOUCHED;

    ck_assert_int_lt(config_value_user(nobody[_i].text, &id, &problem), 0);
    ck_assert_msg(strstr(problem.text, nobody[_i].said) != NULL, "\"%s\"", problem.text);
    ck_assert_int_lt(config_value_group(nobody[_i].text, &id, &problem), 0);
    ck_assert_ptr_nonnull(strstr(problem.text, "group"));
    ck_assert_uint_eq(id, UNTOUCHED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("daemon/config_value");
    TCase *tcase = tcase_create("config_value");
    SRunner *runner = srunner_create(suite);

    tcase_add_loop_test(tcase, a_mode_is_octal, 0, COUNT(modes));
    tcase_add_loop_test(tcase, what_is_no_mode_is_refused, 0, COUNT(wrong_modes));
    tcase_add_loop_test(tcase, rights_are_nine_letters, 0, COUNT(rights));
    tcase_add_loop_test(tcase, letters_have_their_places, 0, COUNT(wrong_rights));
    tcase_add_test(tcase, somebody_is_known_by_name);
    tcase_add_test(tcase, a_number_need_not_be_anybodys);
    tcase_add_loop_test(tcase, nobody_is_said_to_be_so, 0, COUNT(nobody));
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
