/* SPDX-License-Identifier: MIT */
/*
 * The list of spaces: in the order of names, a page an answer.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "space/engine.h"

static struct engine *engine;
static struct effects effects;

static void start(uint32_t reply_bytes)
{
    engine = engine_new(&(struct engine_options){.key = {5, 6}, .reply_bytes = reply_bytes});
    engine_step(engine, 0, &(struct command){.kind = COMMAND_COMES, .session = 1}, &effects);
}

static void stop(void)
{
    effects_deinit(engine, &effects);
    engine = engine_free(engine);
}

static const struct effect *request(const struct request *request)
{
    effects_clear(engine, &effects);
    engine_step(engine, 0,
                &(struct command){.kind = COMMAND_REQUEST, .session = 1, .request = request},
                &effects);
    ck_assert_uint_eq(effects.count, 1);
    return &effects.list[0];
}

static struct span span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, (uint32_t)strlen(text)};
}

static void make_space(const char *name)
{
    const struct request out = {.number = 1,
                                .op = TSD_OP_OUT,
                                .space = span_of(name),
                                .tuples = {(const uint8_t *)"\x91\x01", 2},
                                .tuple_count = 1};
    ck_assert_int_eq(request(&out)->status, TS_OK);
}

/* The spaces after a name, NULL: all. */
static const struct effect *list(const char *after)
{
    struct request spaces = {.number = 2, .op = TSD_OP_SPACES};
    if (after) {
        spaces.has = TSD_HAS(AFTER);
        spaces.after = span_of(after);
    }
    const struct effect *effect = request(&spaces);
    ck_assert_int_eq(effect->status, TS_OK);
    return effect;
}

/* That the answer has these names, separated by blanks. */
static void expect(const struct effect *effect, const char *names, bool more)
{
    char got[200] = "";
    for (uint32_t i = 0; i < effect->row_count; i++) {
        const struct span *name = &effects.rows[effect->rows + i].name;
        size_t used = strlen(got);
        (void)snprintf(got + used, sizeof got - used, "%s%.*s", i ? " " : "", (int)name->size,
                       (const char *)name->bytes);
    }
    ck_assert_str_eq(got, names);
    ck_assert_int_eq(effect->more, more);
}

static void make_some(void)
{
    const char *const names[] = {"c", "ab", "a", "\xc3\xa9", "b", "B"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        make_space(names[i]);
}

START_TEST(all_that_fit_come_at_once_in_the_order_of_bytes)
{
    start(0);
    expect(list(NULL), "", false);
    make_some();
    expect(list(NULL), "B a ab b c \xc3\xa9", false);
    stop();
}
END_TEST

START_TEST(after_a_name_come_those_behind_it_whether_it_is_there_or_not)
{
    start(0);
    make_some();
    expect(list("a"), "ab b c \xc3\xa9", false);
    expect(list("aa"), "ab b c \xc3\xa9", false);
    expect(list("ab"), "b c \xc3\xa9", false);
    expect(list("A"), "B a ab b c \xc3\xa9", false);
    expect(list("\xc3\xa9"), "", false);
    stop();
}
END_TEST

START_TEST(an_answer_ends_where_the_next_name_does_not_fit)
{
    start(65 + 65 + 66); /* a name of one byte counts 65 */
    make_some();
    expect(list(NULL), "B a ab", true);
    expect(list("ab"), "b c \xc3\xa9", false);
    stop();
    start(65 + 65 + 65);
    make_some();
    expect(list(NULL), "B a", true);
    expect(list("a"), "ab b", true);
    expect(list("b"), "c \xc3\xa9", false);
    stop();
}
END_TEST

START_TEST(an_answer_has_at_least_one)
{
    start(1);
    make_some();
    expect(list(NULL), "B", true);
    expect(list("c"), "\xc3\xa9", false);
    stop();
}
END_TEST

/* Of more than an answer has the next ones are selected, whatever order they are met in. */
START_TEST(many_come_page_by_page)
{
    enum { MANY = 3000 };
    char name[16], last[16] = "";
    uint32_t seen = 0, pages = 0;
    bool more;
    start(0);
    for (uint32_t i = 0; i < MANY; i++) {
        (void)snprintf(name, sizeof name, "%05u", i * 7919 % MANY);
        make_space(name);
    }
    do {
        const struct effect *effect = list(pages > 0 ? last : NULL);
        for (uint32_t i = 0; i < effect->row_count; i++) {
            const struct span *row = &effects.rows[effect->rows + i].name;
            (void)snprintf(name, sizeof name, "%05u", seen++);
            ck_assert(row->size == 5 && memcmp(row->bytes, name, 5) == 0);
        }
        strcpy(last, name);
        more = effect->more;
        pages++;
    } while (more);
    ck_assert(seen == MANY && pages == 3);
    stop();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("space/spaces");
    TCase *tcase = tcase_create("spaces");
    SRunner *runner = srunner_create(suite);

    tcase_add_test(tcase, all_that_fit_come_at_once_in_the_order_of_bytes);
    tcase_add_test(tcase, after_a_name_come_those_behind_it_whether_it_is_there_or_not);
    tcase_add_test(tcase, an_answer_ends_where_the_next_name_does_not_fit);
    tcase_add_test(tcase, an_answer_has_at_least_one);
    tcase_add_test(tcase, many_come_page_by_page);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
