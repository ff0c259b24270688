/* SPDX-License-Identifier: MIT */
/*
 * The checker agrees with a search through all orders, on 10,000 random histories, good and bad:
 *   what it passes has a legal order; what has none it rejects, by positions;
 *   what has a legal order passes, with the positions of that order;
 *   the check by times alone rejects nothing that has a legal order.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/judge.h"
#include "history/verdict.h"

enum { HISTORIES = 10000, PARTS = 4 };

static bool passes(const struct sim_history *made, bool by_times, struct verdict *verdict)
{
    struct history *history = sim_to_history(made);
    *verdict = (struct verdict){0};
    verdict->history = history;
    if (by_times)
        check_by_times(history, verdict);
    else
        check_by_positions(history, verdict);
    if (verdict->count > 0 && getenv("SHOW"))
        verdict_print(verdict, stderr);
    history_free(history);
    return verdict->count == 0;
}

static struct sim_op *some_op(struct sim_history *made, struct dice *dice)
{
    return &made->ops[dice_below(dice, made->op_count)];
}

/* The tuple of a random event: one that was there at some time. */
static struct sim_item some_item(const struct sim_history *made, struct dice *dice)
{
    struct sim_item item = {.id = 1, .number = 777, .kind = 1};
    if (made->event_count > 0)
        item = made->events[dice_below(dice, made->event_count)].item;
    if (dice_below(dice, 8) == 0)
        item.number += 1000;
    return item;
}

static void change_items(struct sim_history *made, struct sim_op *op, struct dice *dice)
{
    switch (dice_below(dice, 4)) {
    case 0:
        if (op->item_count > 0)
            op->item_count--;
        break;
    case 1:
        if (op->item_count < 16)
            op->items[op->item_count++] = some_item(made, dice);
        break;
    case 2:
        if (op->item_count > 0)
            op->items[dice_below(dice, op->item_count)].returns += dice_below(dice, 2) ? 1u : -1u;
        break;
    default:
        if (op->item_count > 0) {
            struct sim_item *item = &op->items[dice_below(dice, op->item_count)];
            const uint64_t hold = item->hold;
            *item = some_item(made, dice);
            item->hold = hold;
        }
    }
}

static void change_status(struct sim_op *op, struct dice *dice)
{
    static const enum ts_status statuses[] = {TS_OK, TS_NOMATCH, TS_TIMEOUT, TS_CANCELLED, TS_LATE};
    op->status = statuses[dice_below(dice, 5)];
    if (op->status != TS_OK)
        op->item_count = op->delivery = 0;
}

static void change_events(struct sim_history *made, struct dice *dice)
{
    if (made->event_count < 2)
        return;
    const size_t at = dice_below(dice, made->event_count - 1);
    const struct sim_event event = made->events[at];
    switch (dice_below(dice, 3)) {
    case 0:
        made->events[at] = made->events[--made->event_count];
        break;
    case 1:
        made->events[at] = made->events[at + 1];
        made->events[at + 1] = event;
        break;
    default:
        made->events[at].item.returns ^= 1;
    }
}

static void change_times(const struct sim_history *made, struct sim_op *op, struct dice *dice)
{
    (void)made;
    const uint64_t by = 1000 * dice_below(dice, 60);
    if (dice_below(dice, 2) && op->answer_ns > op->call_ns + by)
        op->answer_ns -= by;
    else if (op->call_ns + by < op->answer_ns)
        op->call_ns += by;
}

static void swap_answers(struct sim_history *made, struct dice *dice)
{
    struct sim_op *one = some_op(made, dice), *two = some_op(made, dice);
    const struct sim_op was = *one;
    if (one->op != two->op)
        return;
    memcpy(one->items, two->items, sizeof one->items);
    memcpy(two->items, was.items, sizeof two->items);
    one->item_count = two->item_count;
    two->item_count = was.item_count;
    one->status = two->status;
    two->status = was.status;
}

static void spoil(struct sim_history *made, struct dice *dice)
{
    struct sim_op *op = some_op(made, dice);
    switch (dice_below(dice, 6)) {
    case 0:
        change_items(made, op, dice);
        break;
    case 1:
        change_status(op, dice);
        break;
    case 2:
        change_events(made, dice);
        break;
    case 3:
        change_times(made, op, dice);
        break;
    case 4:
        swap_answers(made, dice);
        break;
    default:
        op->repeated = !op->repeated && op->key;
    }
}

struct tally {
    int good, bad, skipped, caught_by_times;
};

static void compare(uint64_t seed, struct tally *tally)
{
    struct dice dice = {seed};
    const struct sim_wish wish = {.ops = 4 + dice_below(&dice, 7),
                                  .clients = 3,
                                  .kills = true,
                                  .holds = true,
                                  .keys = dice_below(&dice, 3) == 0};
    struct sim_history made, witness;
    struct verdict verdict;
    sim_generate(&made, &wish, &dice);
    for (uint64_t i = dice_below(&dice, 3); i > 0; i--)
        spoil(&made, &dice);
    sim_history_copy(&witness, &made);
    const enum judgement judged = judge(&made, &witness);
    if (judged == JUDGED_TOO_LONG) {
        tally->skipped++;
    } else if (judged == JUDGED_BAD) {
        tally->bad++;
        ck_assert_msg(!passes(&made, false, &verdict), "seed %llu: there is no legal order",
                      (unsigned long long)seed);
        tally->caught_by_times += !passes(&made, true, &verdict);
    } else {
        tally->good++;
        ck_assert_msg(passes(&made, true, &verdict), "seed %llu: by times: %s: %s",
                      (unsigned long long)seed, finding_name(verdict.findings[0].kind),
                      verdict.findings[0].text);
        ck_assert_msg(passes(&witness, false, &verdict), "seed %llu: by positions: %s: %s",
                      (unsigned long long)seed, finding_name(verdict.findings[0].kind),
                      verdict.findings[0].text);
    }
    sim_history_deinit(&made);
    sim_history_deinit(&witness);
}

START_TEST(test_agrees_with_a_search)
{
    struct tally tally = {0};
    const char *from = getenv("SEED");
    const uint64_t seed = from ? strtoull(from, NULL, 10) : 1;
    if (from) {
        compare(seed, &tally);
        return;
    }
    for (uint64_t i = 0; i < HISTORIES / PARTS; i++)
        compare(seed + (uint64_t)_i * HISTORIES / PARTS + i, &tally);
    printf("%d good, %d bad (%d of them by times alone), %d too long\n", tally.good, tally.bad,
           tally.caught_by_times, tally.skipped);
    ck_assert_int_gt(tally.bad, 100);
    ck_assert_int_gt(tally.good, 100);
    ck_assert_int_lt(tally.skipped, HISTORIES / PARTS / 50);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("judge");
    TCase *tests = tcase_create("judge");
    tcase_add_loop_test(tests, test_agrees_with_a_search, 0, PARTS);
    tcase_set_timeout(tests, 240);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
