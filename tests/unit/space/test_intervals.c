/* SPDX-License-Identifier: MIT */
/*
 * Intervals against a list of bounds that is gone through: INTERVALS_SEED chooses other runs.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "protocol/buffer.h"
#include "protocol/text_read.h"
#include "space/intervals.h"

enum { MOST = 300 };

/* One interval: of the only field of a pattern. */
struct item {
    struct interval interval;
    struct buffer bytes;
    struct matcher nodes[4];
    struct pattern pattern;
    bool in, found;
};

static struct item items[MOST];
static struct pattern_room room;
static struct intervals intervals;
static uint64_t random_state;

static uint32_t random_below(uint32_t bound)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % bound;
}

static void bounds_of_item(const struct interval *interval, struct bounds *bounds)
{
    const struct item *item = container_of(interval, struct item, interval);
    /* Those that are not in the tree are not asked for. */
    if (!item->in || !bounds_of(&item->pattern, 0, bounds))
        ck_abort_msg("the bounds of none that is there");
}

static void make(struct item *item, const char *matcher)
{
    char text[200];
    struct problem problem;
    (void)snprintf(text, sizeof text, "[%s]", matcher);
    buffer_clear(&item->bytes);
    ck_assert_int_eq(text_read_pattern(text, strlen(text), NULL, &item->bytes, &problem), 0);
    room.used = 0;
    ck_assert_int_eq(pattern_check(item->bytes.bytes, item->bytes.bytes + item->bytes.size, &room,
                                   &item->pattern, NULL, &problem),
                     0);
    memcpy(item->nodes, item->pattern.nodes, item->pattern.node_count * sizeof *item->nodes);
    item->pattern.nodes = item->nodes;
}

/* Few values of each kind, many of which agree in all that a rank tells. */
static void some_value(char *text, size_t size)
{
    static const char *const strs[] = {"",         "a",          "abcdefgh",     "abcdefghi",
                                       "abcdefgi", "abcdefghij", "abcdefghiz",   "abcdefgh\\u0000",
                                       "b",        "abcdef",     "abcdefghijkl", "abcdefg~"};
    static const char *const large[] = {"9007199254740992", "9007199254740993", "9007199254740994",
                                        "9007199254740992.0", "18446744073709551615"};
    switch (random_below(4)) {
    case 0:
        (void)snprintf(text, size, "%d", (int)random_below(12) - 4);
        break;
    case 1:
        (void)snprintf(text, size, "%s", large[random_below(5)]);
        break;
    case 2:
        (void)snprintf(text, size, "%d.5", (int)random_below(8) - 4);
        break;
    default:
        (void)snprintf(text, size, "\"%s\"", strs[random_below(12)]);
    }
}

static void some_matcher(char *text, size_t size)
{
    static const char *const ops[] = {"<", "<=", ">", ">="};
    char a[40], b[40];
    some_value(a, sizeof a);
    do
        some_value(b, sizeof b);
    while ((a[0] == '"') != (b[0] == '"'));
    switch (random_below(4)) {
    case 0:
        (void)snprintf(text, size, "%s%s", ops[random_below(4)], a);
        break;
    case 1:
        (void)snprintf(text, size, "%s..%s", a, b);
        break;
    case 2:
        (void)snprintf(text, size, "(%s%s & %s%s)", ops[random_below(4)], a, ops[random_below(4)],
                       b);
        break;
    default:
        while (a[0] != '"')
            some_value(a, sizeof a);
        (void)snprintf(text, size, "^%s", a);
    }
}

static void found_one(void *context, struct interval *interval)
{
    struct item *item = container_of(interval, struct item, interval);
    if (!item->in || item->found)
        ck_abort_msg("found twice, or not there");
    item->found = true;
    (*(int *)context)++;
}

/* That exactly those are found in whose bounds the value lies. */
static void look(const uint8_t *value)
{
    int count = 0;
    intervals_find(&intervals, value, rank_of(value), found_one, &count);
    for (int i = 0; i < MOST; i++) {
        struct bounds bounds;
        bool holds = false;
        if (items[i].in) {
            bounds_of_item(&items[i].interval, &bounds);
            const uint64_t kind = bounds.low_rank >> 62; /* sides are of one kind */
            holds = rank_of(value) >> 62 == kind && bounds_side(&bounds, value) == 0;
        }
        if (items[i].found != holds)
            ck_abort_msg("%s", holds ? "not found" : "found, and does not hold the value");
        items[i].found = false;
        count -= holds;
    }
    ck_assert_int_eq(count, 0);
}

static void put_or_take(struct item *item)
{
    char text[160];
    if (!item->in) {
        some_matcher(text, sizeof text);
        make(item, text);
    }
    item->in = !item->in;
    if (item->in)
        intervals_insert(&intervals, &item->interval);
    else
        intervals_remove(&intervals, &item->interval);
}

START_TEST(agrees_with_a_list)
{
    const char *seed = getenv("INTERVALS_SEED");
    struct buffer value = BUFFER_INIT;
    struct problem problem;
    uint64_t in = 0;
    random_state = seed ? strtoull(seed, NULL, 10) : (uint64_t)_i + 1;
    intervals_init(&intervals, bounds_of_item);
    for (int round = 0; round < 3000; round++) {
        struct item *item = &items[random_below(round < 1500 ? MOST : 20)];
        char text[40];
        put_or_take(item);
        in += item->in ? 1 : -(uint64_t)1;
        ck_assert_uint_eq(intervals_check(&intervals), in);
        some_value(text, sizeof text);
        buffer_clear(&value);
        ck_assert_int_eq(text_read_value(text, strlen(text), &value, &problem), 0);
        look(value.bytes);
    }
    buffer_deinit(&value);
    for (int i = 0; i < MOST; i++) {
        items[i].in = false;
        buffer_deinit(&items[i].bytes);
    }
}
END_TEST

START_TEST(finds_nothing_for_what_is_in_no_order)
{
    static const uint8_t nil = 0xc0, map = 0x80, nan[] = {0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0};
    int count = 0;
    intervals_init(&intervals, bounds_of_item);
    intervals_find(&intervals, &nil, rank_of(&nil), found_one, &count);
    make(&items[0], "<=5");
    make(&items[1], ">=\"\"");
    for (int i = 0; i < 2; i++) {
        items[i].in = true;
        intervals_insert(&intervals, &items[i].interval);
    }
    intervals_find(&intervals, &nil, rank_of(&nil), found_one, &count);
    intervals_find(&intervals, &map, rank_of(&map), found_one, &count);
    intervals_find(&intervals, nan, rank_of(nan), found_one, &count);
    ck_assert_int_eq(count, 0);
    for (int i = 0; i < 2; i++) {
        items[i].in = false;
        buffer_deinit(&items[i].bytes);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("intervals");
    TCase *tcase = tcase_create("intervals");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, agrees_with_a_list, 0, 6);
    tcase_add_test(tcase, finds_nothing_for_what_is_in_no_order);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
