/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>

#include "tsctl/people.h"
#include "tsctl/rights.h"

static const struct {
    const char *text;
    unsigned before, after;
} changes[] = {
    {"0750", 0, 0750},        {"750", 0777, 0750},
    {"0", 0777, 0},           {"7", 0, 7},
    {"0777", 0, 0777},        {"rwtr-----", 0, 0740},
    {"---------", 0777, 0},   {"rwtrwtrwt", 0, 0777},
    {"--t--t--t", 0, 0111},   {"g+rw", 0700, 0760},
    {"g-w", 0770, 0750},      {"o=", 0777, 0770},
    {"o=r", 0777, 0774},      {"u=rwt,g=r,o=", 0, 0740},
    {"a+t", 0700, 0711},      {"+t", 0700, 0711},
    {"-rwt", 0777, 0},        {"=r", 0777, 0444},
    {"go+r", 0700, 0744},     {"gg+r", 0700, 0740},
    {"u-w+t", 0600, 0500},    {"g+r,g-r", 0700, 0700},
    {"g=rw-w+t", 0700, 0750}, {"ug=tr", 0007, 0557},
    {"a=rwt,o-wt", 0, 0774},
};
enum { CHANGES = sizeof(changes) / sizeof(changes[0]) };

START_TEST(reads_modes_and_changes)
{
    uint32_t mode = changes[_i].before;
    ck_assert_msg(rights_change(changes[_i].text, &mode), "%s", changes[_i].text);
    ck_assert_msg(mode == changes[_i].after, "%s: %o", changes[_i].text, mode);
}
END_TEST

static const char *const no_modes[] = {
    "",           "8",         "01777", "1000",    "00750",   "0x7",    "rwxr-----", "rwtr----",
    "rwtr------", "-rw------", "g",     "g+x",     "g+",      "g-,o+r", "g+r,",      ",g+r",
    "g+r,,o-r",   "gx+r",      "+r o",  "g+r;o-r", "750,g+r", "-1",     " 750",      "u+s",
};
enum { NO_MODES = sizeof(no_modes) / sizeof(no_modes[0]) };

START_TEST(refuses_what_is_no_mode)
{
    uint32_t mode = 0707;
    ck_assert_msg(!rights_change(no_modes[_i], &mode), "'%s'", no_modes[_i]);
    ck_assert_uint_eq(mode, 0707);
    ck_assert(!rights_is_whole(no_modes[_i]));
}
END_TEST

START_TEST(tells_a_whole_mode_from_a_change)
{
    ck_assert(rights_is_whole("0750") && rights_is_whole("rwtr-----"));
    ck_assert(rights_is_whole("u=rwt,g=r,o=") && rights_is_whole("=r") && rights_is_whole("a=t"));
    ck_assert(!rights_is_whole("g+r") && !rights_is_whole("u=rwt,g=r"));
}
END_TEST

START_TEST(what_is_shown_is_read_back)
{
    for (uint32_t mode = 0; mode <= RIGHTS_MOST; mode++) {
        char text[RIGHTS_SIZE];
        uint32_t read = ~mode;
        ck_assert(rights_parse(rights_show(mode, text), &read) && read == mode);
    }
}
END_TEST

START_TEST(users_and_groups_have_names_and_numbers)
{
    uint32_t id = 7;
    ck_assert(people_find_user("root", &id) && id == 0);
    ck_assert(people_find_user("4294967294", &id) && id == 4294967294);
    ck_assert(people_find_group("root", &id) && id == 0);
    ck_assert(people_find_group("0", &id) && id == 0);
    ck_assert(!people_find_user("4294967295", &id) &&
              !people_find_user("18446744073709551616", &id));
    ck_assert(!people_find_user("", &id) && !people_find_user("no such user", &id));
    ck_assert(!people_find_group("-1", &id) && !people_find_group("no such group", &id));
    ck_assert_str_eq(people_user(0), "root");
    ck_assert_str_eq(people_user(4294967294), "4294967294");
    ck_assert_str_eq(people_user(0), "root");
    ck_assert_str_eq(people_group(0), "root");
    ck_assert_str_eq(people_group(4294967294), "4294967294");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tsctl/rights");
    TCase *rights = tcase_create("rights");
    tcase_add_loop_test(rights, reads_modes_and_changes, 0, CHANGES);
    tcase_add_loop_test(rights, refuses_what_is_no_mode, 0, NO_MODES);
    tcase_add_test(rights, tells_a_whole_mode_from_a_change);
    tcase_add_test(rights, what_is_shown_is_read_back);
    tcase_add_test(rights, users_and_groups_have_names_and_numbers);
    suite_add_tcase(suite, rights);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
