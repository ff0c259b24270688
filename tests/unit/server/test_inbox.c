/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "protocol/limits.h"
#include "server/inbox.h"

static struct users users;
static struct user *user;
static struct inbox inbox;
static uint8_t shared[INBOX_SHARED];
static struct problem problem;

static void setup(void)
{
    users_init(&users);
    user = user_ref(&users, 1000);
    inbox_init(&inbox, user);
}

static void teardown(void)
{
    inbox_deinit(&inbox);
    ck_assert_uint_eq(user->used[SLOT_UNFINISHED], 0);
    user_unref(user);
    users_deinit(&users);
}

/* A frame whose body is `size` bytes of a letter. */
static size_t write_frame(uint8_t *to, uint32_t size, char letter)
{
    frame_write_head(to, size);
    memset(to + FRAME_HEAD, letter, size);
    return FRAME_HEAD + size;
}

/* As the server does: reads into the room that the inbox gives. */
static void arrive(const uint8_t *bytes, size_t size)
{
    size_t room = 0;
    uint8_t *to = inbox_room(&inbox, shared, &room, &problem);

    ck_assert_ptr_nonnull(to);
    ck_assert_uint_ge(room, size);
    memcpy(to, bytes, size);
    inbox_came(&inbox, size);
}

static void expect_frame(uint32_t size, char letter)
{
    struct frame frame;

    ck_assert_int_eq(inbox_next(&inbox, LIMIT_FRAME_BYTES, &frame, &problem), FRAME_HEAD + size);
    ck_assert_uint_eq(frame.size, size);
    for (uint32_t i = 0; i < size; i++)
        ck_assert_int_eq(frame.body[i], letter);
}

static void expect_none(void)
{
    struct frame frame;

    ck_assert_int_eq(inbox_next(&inbox, LIMIT_FRAME_BYTES, &frame, &problem), 0);
    ck_assert(inbox_settle(&inbox, &problem));
}

START_TEST(whole_frames_are_handled_in_the_shared_buffer)
{
    uint8_t bytes[64];
    size_t size = write_frame(bytes, 3, 'a');

    size += write_frame(bytes + size, 4, 'b');
    arrive(bytes, size);
    ck_assert_ptr_eq(inbox.bytes, shared);
    expect_frame(3, 'a');
    expect_frame(4, 'b');
    expect_none();
    ck_assert_uint_eq(inbox.capacity, 0);
    ck_assert_uint_eq(user->used[SLOT_UNFINISHED], 0);
}
END_TEST

START_TEST(what_is_left_over_leaves_the_shared_buffer)
{
    uint8_t bytes[64];
    size_t size = write_frame(bytes, 8, 'a');

    arrive(bytes, size - 1);
    expect_none();
    memset(shared, 0, sizeof(shared));
    ck_assert_uint_eq(user->used[SLOT_UNFINISHED], inbox.capacity);
    ck_assert_uint_gt(inbox.capacity, 0);
    arrive(bytes + size - 1, 1);
    expect_frame(8, 'a');
    expect_none();
}
END_TEST

START_TEST(a_split_at_any_byte_changes_nothing)
{
    uint8_t bytes[64];
    size_t size = write_frame(bytes, 3, 'a');

    size += write_frame(bytes + size, 9, 'b');
    for (size_t at = 1; at < size; at++) {
        struct frame frame;

        arrive(bytes, at);
        while (inbox_next(&inbox, LIMIT_FRAME_BYTES, &frame, &problem) > 0)
            ck_assert_uint_eq(frame.size, 3);
        ck_assert(inbox_settle(&inbox, &problem));
        arrive(bytes + at, size - at);
        if (at < FRAME_HEAD + 3)
            expect_frame(3, 'a');
        expect_frame(9, 'b');
        expect_none();
        ck_assert_uint_eq(inbox_size(&inbox), 0);
    }
}
END_TEST

START_TEST(a_large_frame_takes_memory_as_it_comes_not_as_it_says)
{
    static uint8_t bytes[FRAME_HEAD + MIB(1)];
    size_t size = write_frame(bytes, MIB(1), 'a'), done = 0, room;

    while (done < size) {
        uint8_t *to = inbox_room(&inbox, shared, &room, &problem);
        size_t step = room < size - done ? room : size - done;

        ck_assert_ptr_nonnull(to);
        ck_assert_uint_le(inbox.capacity, done < 2048 ? 4096 : 2 * done);
        memcpy(to, bytes + done, step);
        inbox_came(&inbox, step);
        done += step;
        if (done < size)
            expect_none();
    }
    expect_frame(MIB(1), 'a');
    expect_none();
    ck_assert_uint_eq(inbox.capacity, 0); /* a large frame's memory does not stay */
}
END_TEST

START_TEST(the_memory_of_a_large_frame_shrinks_to_what_is_left_over)
{
    static uint8_t bytes[FRAME_HEAD + KIB(256)];
    size_t size = write_frame(bytes, KIB(256), 'a'), done = 0, room;

    while (done < size) {
        uint8_t *to = inbox_room(&inbox, shared, &room, &problem);
        size_t step = room < size - done ? room : size - done;

        memcpy(to, bytes + done, step);
        inbox_came(&inbox, step);
        done += step;
        if (done < size)
            expect_none();
    }
    ck_assert_uint_ge(inbox.capacity, KIB(256));
    expect_frame(KIB(256), 'a');
    arrive(bytes, 3);
    expect_none();
    ck_assert_uint_le(inbox.capacity, KIB(64));
    ck_assert_uint_eq(inbox_size(&inbox), 3);
}
END_TEST

START_TEST(a_user_may_have_so_much_unfinished_and_no_more)
{
    static uint8_t bytes[FRAME_HEAD + 8192];
    size_t size = write_frame(bytes, 8192, 'a'), room;

    users.limits[SLOT_UNFINISHED] = 8191;
    arrive(bytes, 4096);
    expect_none(); /* 4096 bytes are charged */
    ck_assert_ptr_null(inbox_room(&inbox, shared, &room, &problem));
    ck_assert_int_eq(problem.status, TS_LIMIT);
    ck_assert_ptr_nonnull(strstr(problem.text, "unfinished-bytes"));
    ck_assert_uint_eq(user->used[SLOT_UNFINISHED], 4096);

    users.limits[SLOT_UNFINISHED] = 16384;
    arrive(bytes + 4096, 4096);
    expect_none();
    arrive(bytes + 8192, size - 8192);
    expect_frame(8192, 'a');
    expect_none();
}
END_TEST

START_TEST(without_memory_the_client_is_told)
{
    uint8_t bytes[64];

    write_frame(bytes, 32, 'a');
    arrive(bytes, 8);
    fault_set(1);
    ck_assert(!inbox_settle(&inbox, &problem));
    fault_set(0);
    ck_assert_int_eq(problem.status, TS_NO_MEMORY);
    inbox.begin = inbox.end; /* as the connection is closed */
}
END_TEST

START_TEST(a_frame_beyond_the_limit_is_refused_by_its_head)
{
    uint8_t head[FRAME_HEAD];
    struct frame frame;

    frame_write_head(head, 11);
    arrive(head, sizeof(head));
    ck_assert_int_eq(inbox_next(&inbox, 10, &frame, &problem), -TS_LIMIT);
    ck_assert_int_eq(inbox_next(&inbox, 11, &frame, &problem), 0);
}
END_TEST

/* The letter of the n-th small frame. */
static char letter_of(uint64_t number)
{
    return (char)('a' + number % 23);
}

/* Fills all the room there is with small frames, from the given byte of the stream on. */
static uint64_t arrive_small(uint64_t at, uint64_t end)
{
    enum { SIZE = 10, WHOLE = FRAME_HEAD + SIZE };
    uint8_t frame[WHOLE];
    size_t room = 0, size = 0;
    uint8_t *to = inbox_room(&inbox, shared, &room, &problem);

    ck_assert_ptr_nonnull(to);
    ck_assert_uint_gt(room, 0);
    for (; size < room && at < end * WHOLE; size++, at++) {
        write_frame(frame, SIZE, letter_of(at / WHOLE));
        to[size] = frame[at % WHOLE];
    }
    inbox_came(&inbox, size);
    return at;
}

START_TEST(whole_frames_that_wait_for_their_turn_are_never_cut)
{
    enum { FRAMES = 40000, LEFT = 7000 };
    uint64_t came = 0, taken = 0;

    while (came < FRAMES * (FRAME_HEAD + 10)) { /* and nobody handles any */
        came = arrive_small(came, FRAMES);
        ck_assert(inbox_settle(&inbox, &problem));
    }
    while (taken < FRAMES - LEFT)
        expect_frame(10, letter_of(taken++));
    ck_assert_uint_gt(inbox_size(&inbox), INBOX_SHARED);
    ck_assert_uint_lt(inbox_size(&inbox), inbox.capacity / 4); /* memory is given back */
    ck_assert(inbox_settle(&inbox, &problem));
    ck_assert_uint_ge(inbox.capacity, inbox.end);
    while (taken < FRAMES)
        expect_frame(10, letter_of(taken++));
    ck_assert_uint_eq(inbox_size(&inbox), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("server/inbox");
    TCase *tcase = tcase_create("inbox");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, whole_frames_are_handled_in_the_shared_buffer);
    tcase_add_test(tcase, what_is_left_over_leaves_the_shared_buffer);
    tcase_add_test(tcase, a_split_at_any_byte_changes_nothing);
    tcase_add_test(tcase, a_large_frame_takes_memory_as_it_comes_not_as_it_says);
    tcase_add_test(tcase, the_memory_of_a_large_frame_shrinks_to_what_is_left_over);
    tcase_add_test(tcase, a_user_may_have_so_much_unfinished_and_no_more);
    tcase_add_test(tcase, without_memory_the_client_is_told);
    tcase_add_test(tcase, whole_frames_that_wait_for_their_turn_are_never_cut);
    tcase_add_test(tcase, a_frame_beyond_the_limit_is_refused_by_its_head);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
