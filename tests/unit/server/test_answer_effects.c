/* SPDX-License-Identifier: MIT */
/*
 * What each kind of effect becomes on the wire: effects made by hand, decoded as a client does.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol/text_read.h"
#include "server/answer.h"

#define MOST 4 /* items, details */

static struct engine *engine;
static struct outbox outbox;
static struct stored *tuples[MOST];
static struct effect_item items[MOST];
static struct effect_detail details[MOST];
static struct effect effect;
static struct effects effects;
static struct buffer written;
static struct reply reply;
static int released;

static void on_release(void *context, void *owner)
{
    ck_assert_ptr_eq(context, &released);
    engine_unref(engine, owner);
    released++;
}

static void setup(void)
{
    released = 0;
    engine = engine_new(&(struct engine_options){.piece = 0});
    outbox_init(&outbox, on_release, &released);
    effect = (struct effect){.session = 1, .number = 9};
    effects = (struct effects){.list = &effect, .count = 1, .items = items, .details = details};
    memset(items, 0, sizeof(items));
    memset(details, 0, sizeof(details));
    memset(tuples, 0, sizeof(tuples));
}

static void teardown(void)
{
    outbox_deinit(&outbox);
    for (int i = 0; i < MOST; i++) {
        ck_assert(!tuples[i] || tuples[i]->refs == 1); /* what was asked for is given back */
        free(tuples[i]);
    }
    engine = engine_free(engine);
    buffer_deinit(&effects.text);
    buffer_deinit(&written);
}

/* The next item of the effect is this tuple. */
static struct effect_item *has_item(const char *text, uint64_t id)
{
    struct effect_item *item = &items[effect.item_count];
    struct buffer encoded = BUFFER_INIT;
    struct problem problem;
    struct stored *tuple;

    ck_assert_int_eq(text_read_tuple(text, strlen(text), NULL, &encoded, &problem), 0);
    tuple = calloc(1, sizeof(*tuple) + encoded.size);
    memcpy(tuple->bytes, encoded.bytes, encoded.size);
    stored_set_size(tuple, (uint32_t)encoded.size);
    stored_set_priority(tuple, 0);
    stored_set_id(tuple, id);
    tuple->refs = 1;
    buffer_deinit(&encoded);
    tuples[effect.item_count] = item->tuple = tuple;
    effects.item_count = ++effect.item_count;
    return item;
}

/* A tuple of a str of so many bytes, which is large. */
static struct effect_item *has_large(size_t size)
{
    struct effect_item *item;
    char *text = malloc(size + 5);

    memset(text, 'x', size);
    text[0] = '[';
    text[1] = text[size - 2] = '"';
    memcpy(text + size - 1, "]", 2);
    item = has_item(text, 77);
    free(text);
    return item;
}

static struct effect_detail *has_detail(struct effect_item *item)
{
    item->detail = ++effects.detail_count;
    return &details[item->detail - 1];
}

static void has_text(const char *text)
{
    effect.kind = EFFECT_REFUSED;
    buffer_append(&effects.text, "of another", 11);
    effect.text = (uint32_t)effects.text.size;
    buffer_append(&effects.text, text, strlen(text) + 1);
}

/* Decodes what is in the outbox, which is one frame and nothing else. */
static void comes_out(void)
{
    struct problem problem;
    struct frame frame;
    ssize_t size;
    size_t want;
    int ends[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    while (outbox_unread(&outbox) > 0) {
        ck_assert_int_ge(outbox_write(&outbox, ends[0]), 0);
        while ((size = read(ends[1], buffer_reserve(&written, 65536), 65536)) > 0)
            written.size += (size_t)size;
    }
    close(ends[0]);
    close(ends[1]);
    ck_assert_int_eq(
        frame_next(written.bytes, written.size, LIMIT_FRAME_BYTES, &frame, &want, &problem),
        written.size);
    ck_assert_int_eq(reply_decode(&frame, &reply, &problem), 0);
    ck_assert_uint_eq(reply.number, 9);
}

static void tell(bool positions)
{
    const struct answer answer = {&effect, &effects, 0, positions};

    if (effect.kind == EFFECT_EVENT)
        answer_event(&outbox, engine, &answer);
    else
        answer_write(&outbox, engine, &answer);
    comes_out();
}

static const struct {
    enum tsd_operation op;
    char gives; /* 'n' nil, 'u' a uint, 'i' items, 'r' rows, 's' a report, 'e' items and a report */
} gives[] = {
    {TSD_OP_ACK, 'n'},     {TSD_OP_CLOSE, 'n'},   {TSD_OP_PING, 'n'},    {TSD_OP_CANCEL, 'n'},
    {TSD_OP_OUT, 'u'},     {TSD_OP_IN, 'i'},      {TSD_OP_RD, 'i'},      {TSD_OP_COUNT, 'u'},
    {TSD_OP_SCAN, 'i'},    {TSD_OP_SPACES, 'r'},  {TSD_OP_HOLD, 'i'},    {TSD_OP_FINISH, 'u'},
    {TSD_OP_RELEASE, 'n'}, {TSD_OP_RENEW, 'n'},   {TSD_OP_ATOMIC, 'i'},  {TSD_OP_COLLECT, 'u'},
    {TSD_OP_COPY, 'u'},    {TSD_OP_DRAINED, 'n'}, {TSD_OP_WILL, 'n'},    {TSD_OP_SPACE, 'n'},
    {TSD_OP_REMOVE, 'n'},  {TSD_OP_STATS, 's'},   {TSD_OP_EXPLAIN, 'e'},
};

START_TEST(each_operation_gives_what_it_is_to_give)
{
    static const char report[] = "before\x81\x01\xc3 after";
    struct space_row row = {.name = {(const uint8_t *)"main", 4}};
    struct item item;
    struct span map;
    uint64_t value = 0;
    const uint8_t *p = NULL;

    effect.op = gives[_i].op;
    effect.value = gives[_i].gives == 'u' ? 1234567 : 0;
    if (gives[_i].gives == 'i' || gives[_i].gives == 'e')
        has_item("[1, \"a\"]", 5);
    if (gives[_i].gives == 's' || gives[_i].gives == 'e') {
        buffer_append(&effects.text, report, sizeof(report));
        effect.text = 6;
        effect.text_size = 3;
    }
    effect.row_count = gives[_i].gives == 'r';
    effects.rows = &row;
    tell(false);
    ck_assert_int_eq(reply.status, TS_OK);
    ck_assert_uint_eq(reply.extras.has, 0);
    switch (gives[_i].gives) {
    case 'n':
        ck_assert_uint_eq(reply.result.size, 1);
        ck_assert_uint_eq(reply.result.bytes[0], 0xc0);
        break;
    case 'u':
        ck_assert_int_eq(reply_result_uint(&reply, &value), 0);
        ck_assert_uint_eq(value, 1234567);
        break;
    case 's':
        ck_assert_uint_eq(reply.result.size, 3);
        ck_assert_mem_eq(reply.result.bytes, "\x81\x01\xc3", 3);
        break;
    case 'e':
        ck_assert_int_eq(reply_split_explained(&reply, &map), 0);
        ck_assert_uint_eq(map.size, 3);
        ck_assert_mem_eq(map.bytes, "\x81\x01\xc3", 3);
        ck_assert_int_eq(reply_next_item(&reply, &p, &item), 1);
        ck_assert_uint_eq(item.id, 5);
        break;
    case 'i':
        ck_assert_int_eq(reply_next_item(&reply, &p, &item), 1);
        ck_assert_uint_eq(item.id, 5);
        ck_assert_uint_eq(item.has, 0);
        ck_assert_uint_eq(item.tuple.size, stored_size(tuples[0]));
        ck_assert_mem_eq(item.tuple.bytes, tuples[0]->bytes, item.tuple.size);
        ck_assert_int_eq(reply_next_item(&reply, &p, &item), 0);
        break;
    default:
        ck_assert_int_eq(reply_next_space_row(&reply, &p, &row), 1);
        ck_assert_mem_eq(row.name.bytes, "main", 4);
        ck_assert_int_eq(reply_next_space_row(&reply, &p, &row), 0);
    }
}
END_TEST

START_TEST(no_operation_is_forgotten)
{
    bool told[TSD_OP_END] = {[TSD_OP_WATCH] = true, /* whose answers are events */
                             /* which the server answers itself */
                             [TSD_OP_CLIENTS] = true,
                             [TSD_OP_USERS] = true,
                             [TSD_OP_KILL] = true};

    for (size_t i = 0; i < sizeof(gives) / sizeof(*gives); i++)
        told[gives[i].op] = true;
    for (int op = 1; op < TSD_OP_END; op++)
        ck_assert_msg(told[op], "operation %d", op);
}
END_TEST

START_TEST(whatever_the_operation_other_outcomes_are_nil_or_a_text)
{
    struct span text;

    effect.op = gives[_i].op;
    effect.status = TS_TIMEOUT;
    tell(false);
    ck_assert_int_eq(reply.status, TS_TIMEOUT);
    ck_assert_uint_eq(reply.result.bytes[0], 0xc0);

    buffer_clear(&written);
    effect.status = TS_LATE;
    has_text("hold 7 is over");
    tell(false);
    ck_assert_int_eq(reply.status, TS_LATE);
    ck_assert_int_eq(reply_result_text(&reply, &text), 0);
    ck_assert_uint_eq(text.size, strlen("hold 7 is over"));
    ck_assert_mem_eq(text.bytes, "hold 7 is over", text.size);
}
END_TEST

START_TEST(what_ends_late_or_removed_has_its_positions) /* rule S35 */
{
    effect.op = TSD_OP_FINISH;
    effect.status = TS_LATE;
    effect.since = 40;
    effect.at = 50;
    has_text("late");
    tell(true);
    ck_assert_uint_eq(reply.extras.has, REPLY_HAS(SINCE) | REPLY_HAS(AT));
    ck_assert_uint_eq(reply.extras.since, 40);
    ck_assert_uint_eq(reply.extras.at, 50);
}
END_TEST

START_TEST(without_a_position_none_is_told)
{
    effect.op = TSD_OP_OUT;
    effect.status = TS_LIMIT;
    has_text("a limit");
    tell(true);
    ck_assert_uint_eq(reply.extras.has, 0);
}
END_TEST

START_TEST(a_known_key_is_told_with_the_first_ones_value) /* rule S28 */
{
    uint64_t value = 0;

    effect.op = TSD_OP_FINISH;
    effect.repeated = true;
    effect.value = 31;
    tell(false);
    ck_assert_uint_eq(reply.extras.has, REPLY_HAS(REPEATED));
    ck_assert(reply.extras.repeated);
    ck_assert_int_eq(reply_result_uint(&reply, &value), 0);
    ck_assert_uint_eq(value, 31);
}
END_TEST

START_TEST(a_repeated_atomic_gives_no_tuple_but_the_first_id)
{
    const uint8_t *p = NULL;
    struct item item;

    effect.op = TSD_OP_ATOMIC;
    effect.repeated = true;
    effect.value = 31;
    tell(false);
    ck_assert_uint_eq(reply.extras.has, REPLY_HAS(REPEATED) | REPLY_HAS(FIRST));
    ck_assert_uint_eq(reply.extras.first, 31);
    ck_assert_int_eq(reply_next_item(&reply, &p, &item), 0);
}
END_TEST

START_TEST(of_an_atomic_each_item_says_its_guard_where_there_are_several)
{
    const uint8_t *p = NULL;
    struct item item;

    effect.op = TSD_OP_ATOMIC;
    has_item("[1]", 1);
    has_item("[2]", 2)->of = 2; /* the one between is absent */
    tell(false);
    for (uint32_t i = 0; i < 2; i++) {
        ck_assert_int_eq(reply_next_item(&reply, &p, &item), 1);
        ck_assert_uint_eq(item.has, ITEM_HAS(OF));
        ck_assert_uint_eq(item.of, 2 * i);
    }
}
END_TEST

START_TEST(the_only_item_of_an_atomic_says_its_guard_unless_it_is_the_first)
{
    const uint8_t *p = NULL;
    struct item item;

    effect.op = TSD_OP_ATOMIC;
    has_item("[1]", 1)->of = (uint32_t)_i;
    tell(false);
    ck_assert_int_eq(reply_next_item(&reply, &p, &item), 1);
    ck_assert_uint_eq(item.has, _i ? ITEM_HAS(OF) : 0);
}
END_TEST

/* Everything that can be told of a tuple. */
static void fill(struct effect_detail *detail)
{
    buffer_append(&effects.text, "xxprogramholder", 15);
    *detail = (struct effect_detail){
        .has = ITEM_HAS(RETURNS) | ITEM_HAS(TOKEN) | ITEM_HAS(REASON) | ITEM_HAS(EXIT_STATUS) |
               ITEM_HAS(UID) | ITEM_HAS(PID) | ITEM_HAS(PROGRAM) | ITEM_HAS(AGE) | ITEM_HAS(STATE) |
               ITEM_HAS(HOLDER) | ITEM_HAS(LEFT) | ITEM_HAS(HOLDER_PID) | ITEM_HAS(HOLDER_PROGRAM),
        .returns = 3,
        .reason = TSD_REASON_CONNECTION,
        .exit_status = 256 + 9,
        .token = {.number = 12, .secret = UINT64_MAX - 1},
        .uid = 1000,
        .pid = 4242,
        .program = 2,
        .program_size = 7,
        .state = TSD_STATE_HELD,
        .age_us = 1500000,
        .left_us = UINT64_MAX,
        .holder = 8,
        .holder_pid = 77,
        .holder_program = 9,
        .holder_program_size = 6,
    };
}

static void is_filled(const struct item *item)
{
    ck_assert_uint_eq(item->returns, 3);
    ck_assert_uint_eq(item->reason, TSD_REASON_CONNECTION);
    ck_assert_uint_eq(item->exit_status, 265);
    ck_assert(!item->token.delivery);
    ck_assert_uint_eq(item->token.number, 12);
    ck_assert_uint_eq(item->token.secret, UINT64_MAX - 1);
    ck_assert_uint_eq(item->uid, 1000);
    ck_assert_uint_eq(item->pid, 4242);
    ck_assert_uint_eq(item->program.size, 7);
    ck_assert_mem_eq(item->program.bytes, "program", 7);
    ck_assert_uint_eq(item->state, TSD_STATE_HELD);
    ck_assert_uint_eq(item->age_us, 1500000);
    ck_assert_uint_eq(item->left_us, UINT64_MAX);
    ck_assert_uint_eq(item->holder, 8);
    ck_assert_uint_eq(item->holder_pid, 77);
    ck_assert_uint_eq(item->holder_program.size, 6);
    ck_assert_mem_eq(item->holder_program.bytes, "holder", 6);
}

/* 0: small, 1: large, which is told in two halves */
START_TEST(an_item_tells_its_detail)
{
    struct effect_item *has;
    const uint8_t *p = NULL;
    struct item item;

    effect.op = TSD_OP_SCAN;
    has_item("[\"plain\"]", 76);
    has = _i ? has_large(OUTBOX_SHARE + 100) : has_item("[1]", 77);
    stored_set_priority(has->tuple, -5);
    fill(has_detail(has));
    tell(false);
    ck_assert_int_eq(released, _i);
    ck_assert_int_eq(reply_next_item(&reply, &p, &item), 1);
    ck_assert_uint_eq(item.has, 0);
    ck_assert_int_eq(reply_next_item(&reply, &p, &item), 1);
    ck_assert_uint_eq(item.id, 77);
    ck_assert_uint_eq(item.has, details[0].has | ITEM_HAS(ITEM_PRIORITY));
    ck_assert_int_eq(item.priority, -5);
    is_filled(&item);
    ck_assert_int_eq(reply_next_item(&reply, &p, &item), 0);
}
END_TEST

START_TEST(only_what_the_detail_has_is_told)
{
    struct effect_detail *detail;
    const uint8_t *p = NULL;
    struct item item;

    effect.op = TSD_OP_IN;
    detail = has_detail(has_item("[1]", 1));
    fill(detail);
    detail->has = ITEM_HAS(RETURNS);
    tell(false);
    ck_assert_int_eq(reply_next_item(&reply, &p, &item), 1);
    ck_assert_uint_eq(item.has, ITEM_HAS(RETURNS));
    ck_assert_uint_eq(item.returns, 3);
}
END_TEST

START_TEST(a_client_without_a_name_is_an_empty_program)
{
    struct effect_detail *detail;
    const uint8_t *p = NULL;
    struct item item;

    effect.op = TSD_OP_RD;
    detail = has_detail(has_item("[1]", 1));
    detail->has = ITEM_HAS(UID) | ITEM_HAS(PROGRAM);
    tell(false); /* there is no text at all */
    ck_assert_int_eq(reply_next_item(&reply, &p, &item), 1);
    ck_assert_uint_eq(item.has, detail->has);
    ck_assert_uint_eq(item.program.size, 0);
}
END_TEST

static void is_event(enum tsd_event kind)
{
    effect.kind = EFFECT_EVENT;
    effect.op = TSD_OP_WATCH;
    effect.event = (uint8_t)kind;
    effect.since = 3;
    effect.at = 88;
}

/* 0, 1: small, large; 2, 3: the same with positions; 4 to 7: and with a detail and a priority */
START_TEST(an_event_is_an_answer_of_one_event)
{
    struct event event = {0};
    const uint8_t *p = NULL;
    struct effect_item *has;

    is_event(TSD_EVENT_RETURNED);
    has = _i & 1 ? has_large(OUTBOX_SHARE) : has_item("[1, 2]", 77);
    if (_i & 4) {
        fill(has_detail(has));
        stored_set_priority(has->tuple, 9);
    }
    tell(_i & 2);
    ck_assert_int_eq(released, _i & 1);
    ck_assert_int_eq(reply.status, TS_OK);
    ck_assert_uint_eq(reply.extras.has, 0);
    ck_assert_int_eq(reply_next_event(&reply, &p, &event), 1);
    ck_assert_uint_eq(event.kind, TSD_EVENT_RETURNED);
    ck_assert_uint_eq(event.item.id, 77);
    ck_assert_uint_eq(event.item.tuple.size, stored_size(tuples[0]));
    ck_assert_mem_eq(event.item.tuple.bytes, tuples[0]->bytes, stored_size(tuples[0]));
    ck_assert_uint_eq(event.has_at, (_i & 2) != 0);
    if (_i & 2)
        ck_assert_uint_eq(event.at, 88);
    ck_assert_uint_eq(event.item.has, _i & 4 ? details[0].has | ITEM_HAS(ITEM_PRIORITY) : 0);
    if (_i & 4) {
        is_filled(&event.item);
        ck_assert_int_eq(event.item.priority, 9);
    }
    ck_assert_int_eq(reply_next_event(&reply, &p, &event), 0);
}
END_TEST

START_TEST(an_event_about_no_tuple_is_its_number_alone)
{
    static const enum tsd_event kinds[] = {TSD_EVENT_READY, TSD_EVENT_GAP};
    struct event event = {0};
    const uint8_t *p = NULL;

    is_event(kinds[_i]);
    tell(false);
    ck_assert_int_eq(reply_next_event(&reply, &p, &event), 1);
    ck_assert_uint_eq(event.kind, kinds[_i]);
    ck_assert_uint_eq(event.item.tuple.size, 0);
    ck_assert_int_eq(reply_next_event(&reply, &p, &event), 0);
}
END_TEST

START_TEST(the_servers_own_gap_is_of_the_watch_that_ends)
{
    struct event event = {0};
    const uint8_t *p = NULL;

    effect.op = TSD_OP_WATCH;
    effect.status = TS_CANCELLED;
    answer_gap(&outbox, &(struct answer){&effect, &effects, 0, false});
    comes_out();
    ck_assert_int_eq(reply.status, TS_OK);
    ck_assert_int_eq(reply_next_event(&reply, &p, &event), 1);
    ck_assert_uint_eq(event.kind, TSD_EVENT_GAP);
}
END_TEST

START_TEST(what_is_copied_and_what_is_shared_are_told_apart)
{
    struct answer_size size;

    effect.op = TSD_OP_RD;
    has_item("[1]", 1);
    has_item("[\"ab\"]", 2);
    has_large(OUTBOX_SHARE + 100);
    effect.text_size = 30;
    size = answer_size(&effect, &effects);
    ck_assert_uint_eq(size.copied, 2 + 4 + 30);
    ck_assert_uint_eq(size.shared, stored_size(tuples[2]));
}
END_TEST

int main(void)
{
    enum { OPERATIONS = sizeof(gives) / sizeof(*gives) };
    Suite *suite = suite_create("server/answer effects");
    TCase *tcase = tcase_create("effects");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, each_operation_gives_what_it_is_to_give, 0, OPERATIONS);
    tcase_add_test(tcase, no_operation_is_forgotten);
    tcase_add_loop_test(tcase, whatever_the_operation_other_outcomes_are_nil_or_a_text, 0,
                        OPERATIONS);
    tcase_add_test(tcase, what_ends_late_or_removed_has_its_positions);
    tcase_add_test(tcase, without_a_position_none_is_told);
    tcase_add_test(tcase, a_known_key_is_told_with_the_first_ones_value);
    tcase_add_test(tcase, a_repeated_atomic_gives_no_tuple_but_the_first_id);
    tcase_add_test(tcase, of_an_atomic_each_item_says_its_guard_where_there_are_several);
    tcase_add_loop_test(tcase, the_only_item_of_an_atomic_says_its_guard_unless_it_is_the_first, 0,
                        2);
    tcase_add_loop_test(tcase, an_item_tells_its_detail, 0, 2);
    tcase_add_test(tcase, only_what_the_detail_has_is_told);
    tcase_add_test(tcase, a_client_without_a_name_is_an_empty_program);
    tcase_add_loop_test(tcase, an_event_is_an_answer_of_one_event, 0, 8);
    tcase_add_loop_test(tcase, an_event_about_no_tuple_is_its_number_alone, 0, 2);
    tcase_add_test(tcase, the_servers_own_gap_is_of_the_watch_that_ends);
    tcase_add_test(tcase, what_is_copied_and_what_is_shared_are_told_apart);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
