/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config_file.h"

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

static struct config config;
static char told[16384]; /* "LINE: TEXT\n" for each line that is wrong */
static unsigned wrong;

static void tell(void *context, unsigned line, const char *text)
{
    size_t size = strlen(told);

    ck_assert_ptr_eq(context, &config);
    (void)snprintf(told + size, sizeof(told) - size, "%u: %s\n", line, text);
}

static void parse_bytes(const char *text, size_t size)
{
    char *copy = malloc(size + 1); /* so that a byte too far is seen by the sanitizer */

    told[0] = '\0';
    config_deinit(&config);
    config_init(&config);
    memcpy(copy, text, size);
    copy = realloc(copy, size ? size : 1);
    wrong = config_file_parse(&config, copy, size, tell, &config);
    free(copy);
}

static void parse(const char *text)
{
    parse_bytes(text, strlen(text));
}

static void expect_right(const char *text)
{
    parse(text);
    ck_assert_str_eq(told, "");
    ck_assert_uint_eq(wrong, 0);
}

static void setup(void)
{
    config_init(&config);
}

static void teardown(void)
{
    config_deinit(&config);
}

START_TEST(nothing_leaves_the_defaults)
{
    expect_right("");
    ck_assert_ptr_null(config.socket);
    ck_assert_uint_eq(config.socket_mode, 0600);
    ck_assert(!config.has_socket_group && !config.has_admin_group);
    ck_assert_int_eq(config.log_level, LOG_LEVEL_NOTICE);
    ck_assert_uint_eq(config.limits.user_connections, 4096);
    ck_assert_uint_eq(config.rule_count, 0);
}
END_TEST

START_TEST(each_key_sets_what_it_names)
{
    expect_right("[daemon]\n"
                 "socket = /run/tsd/other\n"
                 "socket-mode = 0660\n"
                 "socket-group = 7\n"
                 "admin-group = 0\n"
                 "log-level = debug\n"
                 "[limits]\n"
                 "user-connections = 5\n"
                 "opening-bytes = 2K\n");
    ck_assert_str_eq(config.socket, "/run/tsd/other");
    ck_assert(!config.insisted);
    ck_assert_uint_eq(config.socket_mode, 0660);
    ck_assert(config.has_socket_group && config.has_admin_group);
    ck_assert_uint_eq(config.socket_group, 7);
    ck_assert_uint_eq(config.admin_group, 0);
    ck_assert_int_eq(config.log_level, LOG_LEVEL_DEBUG);
    ck_assert_uint_eq(config.limits.user_connections, 5);
    ck_assert_uint_eq(config.limits.opening_bytes, 2048);
    ck_assert_uint_eq(config.limits.opening_ms, 10000);
}
END_TEST

START_TEST(an_empty_value_is_the_default)
{
    expect_right("[daemon]\nsocket =\nsocket-mode =\nsocket-group =\nadmin-group =\nlog-level =\n");
    ck_assert_ptr_null(config.socket);
    ck_assert_uint_eq(config.socket_mode, 0600);
    ck_assert(!config.has_socket_group && !config.has_admin_group);
    ck_assert_int_eq(config.log_level, LOG_LEVEL_NOTICE);
}
END_TEST

static void expect_rule(uint32_t i, const char *name, bool prefix)
{
    ck_assert_uint_lt(i, config.rule_count);
    ck_assert_uint_eq(config.rules[i].name.size, strlen(name));
    ck_assert_mem_eq(config.rules[i].name.bytes, name, strlen(name));
    ck_assert(config.rules[i].prefix == prefix);
}

START_TEST(a_space_has_a_rule_by_its_name)
{
    expect_right("[space jobs]\nowner = 1\ngroup = 2\nmode = 0770\n"
                 "[space logs.*]\nmode = rwtr--r--\n"
                 "[space *]\nmode = 0700\n"
                 "[space jobs.*]\n");
    ck_assert_uint_eq(config.rule_count, 4);
    expect_rule(0, "jobs", false);
    ck_assert(config.rules[0].has_owner && config.rules[0].has_group && config.rules[0].has_mode);
    ck_assert_uint_eq(config.rules[0].owner, 1);
    ck_assert_uint_eq(config.rules[0].group, 2);
    ck_assert_uint_eq(config.rules[0].mode, 0770);
    expect_rule(1, "logs.", true);
    ck_assert(!config.rules[1].has_owner && !config.rules[1].has_group && config.rules[1].has_mode);
    ck_assert_uint_eq(config.rules[1].mode, 0744);
    expect_rule(2, "", true);
    expect_rule(3, "jobs.", true);
    ck_assert(!config.rules[3].has_mode);
}
END_TEST

START_TEST(a_section_that_comes_again_goes_on)
{
    expect_right("[space a]\nowner = 1\n[limits]\n[space b]\n[space a]\nmode = 0\n");
    ck_assert_uint_eq(config.rule_count, 2);
    ck_assert(config.rules[0].has_owner && config.rules[0].has_mode);
    ck_assert(!config.rules[1].has_owner && !config.rules[1].has_mode);
}
END_TEST

START_TEST(a_name_may_be_long_and_have_brackets)
{
    char text[300] = "[space ", name[256];

    memset(name, 'n', 255);
    name[255] = '\0';
    (void)snprintf(text + 7, sizeof(text) - 7, "%s]\n", name);
    expect_right(text);
    expect_rule(0, name, false);
    expect_right("[space a]b [c] ; of [those] two]\n[space   d  e ]# [x\n[space f;g]\n");
    expect_rule(0, "a]b [c", false);
    expect_rule(1, "d  e", false);
    expect_rule(2, "f;g", false);
    expect_right("[space a]b] ; a note\n");
    expect_rule(0, "a]b", false);
}
END_TEST

/* What editors and people make of a file. */
static const char *const layouts[] = {
    "\xef\xbb\xbf[daemon]\nlog-level = info",
    "[daemon]\r\nlog-level = info\r\n",
    "  [daemon]  # note\n\t log-level=info\t\n",
    "; note\n\n# note [limits]\n[daemon] ; note\nlog-level = info ; note\n# end",
    "[daemon]\nsocket = /s\n    log-level = info\n", /* which is no second line of the socket */
    "[daemon]\nlog-level: info\n",
    "[ daemon ]\nlog-level = info\n",
};

START_TEST(layout_does_not_matter)
{
    expect_right(layouts[_i]);
    ck_assert_int_eq(config.log_level, LOG_LEVEL_INFO);
    if (config.socket)
        ck_assert_str_eq(config.socket, "/s");
}
END_TEST

START_TEST(a_long_note_is_fine_and_a_long_line_is_not_cut)
{
    char text[1024] = "[daemon]\n# ";

    memset(text + 11, 'x', 600);
    memcpy(text + 611, "\n", 2);
    expect_right(text);
    for (int i = 0; i < 19; i++)
        text[i] = "[daemon]\nsocket = /"[i];
    parse(text);
    ck_assert_ptr_null(config.socket);
    ck_assert_ptr_nonnull(strstr(told, "2: the line has 602 bytes, where "));
    memcpy(text + 115, "\n", 2); /* a path of the longest */
    expect_right(text);
    ck_assert_uint_eq(strlen(config.socket), 97);
}
END_TEST

static const struct {
    const char *text, *told;
} mistakes[] = {
    {"[deamon]\nsocket = /x\n", "1: there is no section [deamon]; the nearest is [daemon]\n"},
    {"\n[spaces x]\n",
     "2: there is no section [spaces x], but [daemon], [limits] and [space NAME]\n"},
    {"[spaces]\n", "1: there is no section [spaces]; the nearest is [space NAME]\n"},
    {"[]\n", "1: there is no section [], but [daemon], [limits] and [space NAME]\n"},
    {"[daemon\n", "1: a section is [daemon], [limits] or [space NAME], and nothing but a comment "
                  "may follow\n"},
    {"[daemon] socket = /x\n", "1: a section is [daemon], [limits] or [space NAME], and nothing "
                               "but a comment may follow\n"},
    {"[space]\nmode = 9\n", "1: the name of a space has at least 1 byte\n"},
    {"[space a\x01]\n", "1: the name of a space has a control character at byte 1\n"},
    {"[space \xff]\n", "1: the line is not valid UTF-8\n"},
    {"socket = /x\n", "1: socket stands in no section: [daemon], [limits] or [space NAME] first\n"},
    {"[daemon]\nsockt = /x\n", "2: there is no key sockt in [daemon]; the nearest is socket\n"},
    {"[daemon]\ncolour = red\n", "2: there is no key colour in [daemon]; see tsd.conf(5)\n"},
    {"[daemon]\n= /x\n", "2: there is no key  in [daemon]; see tsd.conf(5)\n"},
    {"[daemon]\nsocket\n", "2: this is no KEY = VALUE, no [section] and no comment, which begins "
                           "with # or ;\n"},
    {"[daemon]\nsocket", "2: this is no KEY = VALUE, no [section] and no comment, which begins "
                         "with # or ;\n"},
    {"[daemon]\n# \xff\n\xff = 1\n", "3: the line is not valid UTF-8\n"},
    {"[daemon]\nsocket-mode = 888\n", "2: socket-mode: not an octal mode from 0 to 0777: 888\n"},
    {"[daemon]\nlog-level = loud\n",
     "2: log-level: not err, warning, notice, info or debug: loud\n"},
    {"[daemon]\nsocket-group = no such\n",
     "2: socket-group: there is no group of the name \"no such\"\n"},
    {"[daemon]\nsocket = /a\nsocket = /b\n", "3: socket is set twice\n"},
    {"[limits]\nuser-conections = 3\n",
     "2: there is no limit user-conections; the nearest is user-connections\n"},
    {"[limits]\nuser-connections = 0\n", "2: user-connections takes a whole number from 1: 0\n"},
    {"[limits]\nopening-ms = 1\n[daemon]\n[limits]\nopening-ms = 1\n",
     "5: opening-ms is set twice\n"},
    {"[space a]\nmod = 1\n", "2: there is no key mod of a space; the nearest is mode\n"},
    {"[space a]\ncapacity = 1\n",
     "2: there is no key capacity of a space, but owner, group and mode\n"},
    {"[space a]\nmode = rwx------\n",
     "2: not a mode, as 0750 or rwtr-t--- (r, w, t or -, three times): rwx------\n"},
    {"[space a]\nowner = no such\n", "2: there is no user of the name \"no such\"\n"},
    {"[space a]\nowner =\n", "2: there is no user of the name \"\"\n"},
    {"[space a]\nmode = 1\n[space a]\nmode = 1\n", "4: mode is set twice for this space\n"},
};

START_TEST(a_mistake_is_told_with_its_line)
{
    parse(mistakes[_i].text);
    ck_assert_str_eq(told, mistakes[_i].told);
    ck_assert_uint_eq(wrong, 1);
}
END_TEST

START_TEST(all_mistakes_are_told)
{
    parse("nothing\n[daemon]\nsocket-mode = x\n\n[what]\na = 1\nb\n[limits]\nc = 1\n");
    ck_assert_uint_eq(wrong, 5);
    ck_assert_str_eq(told,
                     "1: this is no KEY = VALUE, no [section] and no comment, which begins "
                     "with # or ;\n"
                     "3: socket-mode: not an octal mode from 0 to 0777: x\n"
                     "5: there is no section [what], but [daemon], [limits] and [space NAME]\n"
                     "7: this is no KEY = VALUE, no [section] and no comment, which begins "
                     "with # or ;\n"
                     "9: there is no limit c; tsd --help lists them\n");
}
END_TEST

START_TEST(a_zero_byte_is_a_mistake)
{
    static const char text[] = "[daemon]\nsocket = /a\0b\n";

    parse_bytes(text, sizeof(text) - 1);
    ck_assert_str_eq(told, "2: there is a zero byte in the line\n");
    ck_assert_ptr_null(config.socket);
}
END_TEST

START_TEST(rules_are_bounded)
{
    static char text[(CONFIG_MOST_RULES + 1) * 16];
    size_t size = 0;

    for (int i = 0; i < CONFIG_MOST_RULES; i++)
        size += (size_t)sprintf(text + size, "[space %d]\n", i);
    expect_right(text);
    ck_assert_uint_eq(config.rule_count, CONFIG_MOST_RULES);
    (void)sprintf(text + size, "[space one more]\n");
    parse(text);
    ck_assert_str_eq(told, "4097: there are more than 4096 rules for spaces\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("daemon/config_file");
    TCase *tcase = tcase_create("config_file");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, nothing_leaves_the_defaults);
    tcase_add_test(tcase, each_key_sets_what_it_names);
    tcase_add_test(tcase, an_empty_value_is_the_default);
    tcase_add_test(tcase, a_space_has_a_rule_by_its_name);
    tcase_add_test(tcase, a_section_that_comes_again_goes_on);
    tcase_add_test(tcase, a_name_may_be_long_and_have_brackets);
    tcase_add_loop_test(tcase, layout_does_not_matter, 0, COUNT(layouts));
    tcase_add_test(tcase, a_long_note_is_fine_and_a_long_line_is_not_cut);
    tcase_add_loop_test(tcase, a_mistake_is_told_with_its_line, 0, COUNT(mistakes));
    tcase_add_test(tcase, all_mistakes_are_told);
    tcase_add_test(tcase, a_zero_byte_is_a_mistake);
    tcase_add_test(tcase, rules_are_bounded);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
