/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fault.h"
#include "protocol/frame.h"
#include "protocol/limits.h"
#include "server/outbox.h"

static struct outbox outbox;
static struct buffer expected; /* what a client is to read, all in all */
static struct buffer came;
static int ends[2];  /* [0] writes */
static int released; /* owners given back */

static void on_release(void *context, void *owner)
{
    ck_assert_ptr_eq(context, &released);
    ck_assert_ptr_nonnull(owner);
    released++;
}

static void setup(void)
{
    released = 0;
    outbox_init(&outbox, on_release, &released);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
}

static void teardown(void)
{
    outbox_deinit(&outbox);
    buffer_deinit(&expected);
    buffer_deinit(&came);
    close(ends[0]);
    close(ends[1]);
}

static void append(size_t size, char letter)
{
    size_t at = outbox.copied.size;
    uint8_t head[FRAME_HEAD];

    frame_write_head(head, (uint32_t)size);
    buffer_append(&outbox.copied, head, sizeof(head));
    for (size_t i = 0; i < size; i++)
        buffer_append_byte(&outbox.copied, (uint8_t)letter);
    buffer_append(&expected, outbox.copied.bytes + at, FRAME_HEAD + size);
}

/* A frame with a byte, a shared part, and after it a byte where `tail` says so. */
static void append_shared(const uint8_t *part, size_t size, size_t tail)
{
    uint8_t head[FRAME_HEAD + 1] = {[FRAME_HEAD] = '('};

    frame_write_head(head, (uint32_t)(1 + size + tail));
    buffer_append(&outbox.copied, head, sizeof(head));
    outbox_share(&outbox, part, size, (void *)part);
    for (size_t i = 0; i < tail; i++)
        buffer_append_byte(&outbox.copied, ')');
    buffer_append(&expected, head, sizeof(head));
    buffer_append(&expected, part, size);
    for (size_t i = 0; i < tail; i++)
        buffer_append_byte(&expected, ')');
}

/* The client reads up to `most` bytes. */
static size_t read_some(size_t most)
{
    uint8_t *to = buffer_reserve(&came, most);
    ssize_t size = read(ends[1], to, most);

    if (size > 0)
        came.size += (size_t)size;
    return size > 0 ? (size_t)size : 0;
}

static void expect_all(void)
{
    while (read_some(KIB(64)) > 0)
        continue;
    ck_assert_uint_eq(came.size, expected.size);
    ck_assert_mem_eq(came.bytes, expected.bytes, expected.size);
}

START_TEST(what_was_gathered_is_written_at_once)
{
    append(3, 'a');
    append(4, 'b');
    ck_assert_uint_eq(outbox_unread(&outbox), 17);
    ck_assert_int_eq(outbox_write(&outbox, ends[0]), 0);
    ck_assert_uint_eq(outbox_unread(&outbox), 0);
    expect_all();
}
END_TEST

START_TEST(an_empty_one_writes_nothing)
{
    ck_assert_int_eq(outbox_write(&outbox, -1), 0);
}
END_TEST

START_TEST(a_shared_part_is_written_in_its_place_and_given_back)
{
    static uint8_t part[1000];

    memset(part, 'p', sizeof(part));
    append(3, 'a');
    append_shared(part, sizeof(part), 2);
    append_shared(part, sizeof(part), 0); /* a frame that ends with it */
    append(4, 'b');
    ck_assert_uint_eq(outbox_unread(&outbox), expected.size);
    ck_assert_int_eq(released, 0);
    ck_assert_int_eq(outbox_write(&outbox, ends[0]), 0);
    ck_assert_int_eq(released, 2);
    expect_all();
}
END_TEST

START_TEST(more_than_the_socket_takes_is_written_as_it_is_read)
{
    static uint8_t part[300000];
    int rounds = 0;

    for (size_t i = 0; i < sizeof(part); i++)
        part[i] = (uint8_t)(i * 7 >> 3);
    for (int i = 0; i < 40; i++) {
        append(10000, (char)('a' + i % 26));
        append_shared(part + i, sizeof(part) - 40, (size_t)(i % 3));
    }
    while (outbox_write(&outbox, ends[0]) == 1) {
        ck_assert_uint_le(outbox_unread(&outbox) + came.size, expected.size);
        ck_assert_uint_gt(read_some(50021), 0); /* odd, so that cuts fall anywhere */
        ck_assert_int_lt(rounds++, 10000);
    }
    ck_assert_int_eq(released, 40);
    expect_all();
}
END_TEST

START_TEST(what_is_behind_does_not_count_the_frame_under_way)
{
    append(MIB(2), 'a');
    ck_assert_uint_eq(outbox_behind(&outbox), 0);
    ck_assert_int_eq(outbox_write(&outbox, ends[0]), 1);
    ck_assert_uint_gt(outbox.under_way, 0);
    ck_assert_uint_eq(outbox_behind(&outbox), 0);
    append(10, 'b');
    append(20, 'c');
    ck_assert_uint_eq(outbox_behind(&outbox), 2 * FRAME_HEAD + 30);
}
END_TEST

START_TEST(what_is_behind_is_right_wherever_the_cut_falls)
{
    static uint8_t part[KIB(100)];

    for (int i = 0; i < 30; i++) {
        append_shared(part, sizeof(part), (size_t)(i % 2));
        append(5, 'x');
    }
    while (outbox_write(&outbox, ends[0]) == 1) {
        size_t written = expected.size - outbox_unread(&outbox), end = 0;

        while (end <= written && end < expected.size) /* the frame that the cut falls into */
            end += FRAME_HEAD + ((size_t)expected.bytes[end + 1] << 24 |
                                 (size_t)expected.bytes[end + 2] << 16 |
                                 (size_t)expected.bytes[end + 3] << 8 | expected.bytes[end + 4]);
        ck_assert_uint_eq(outbox_behind(&outbox), expected.size - end);
        ck_assert_uint_gt(read_some(33333), 0);
    }
    expect_all();
}
END_TEST

START_TEST(appending_while_part_is_written_keeps_the_order)
{
    for (int i = 0; i < 300; i++) {
        append(5000, (char)('a' + i % 26));
        if (outbox_write(&outbox, ends[0]) == 1 && i % 3 == 0)
            read_some(20000);
    }
    ck_assert_uint_lt(outbox.copied.size, expected.size); /* what was written is let go of */
    while (outbox_write(&outbox, ends[0]) == 1)
        read_some(100000);
    expect_all();
}
END_TEST

START_TEST(what_is_read_takes_no_more_than_a_quarter_of_what_is_not)
{
    for (int i = 0; i < 400; i++)
        append(10000, (char)('a' + i % 26));
    while (outbox_write(&outbox, ends[0]) == 1) {
        ck_assert_uint_lt(outbox.written, outbox_unread(&outbox) / 4 + KIB(64));
        read_some(30000);
    }
    expect_all();
}
END_TEST

START_TEST(it_knows_where_in_the_stream_its_end_is)
{
    static const uint8_t part[KIB(300)];

    ck_assert_uint_eq(outbox_end(&outbox), 0);
    for (int i = 0; i < 5; i++) {
        append_shared(part, sizeof(part), 1);
        append(70000, 'a');
        ck_assert_uint_eq(outbox_end(&outbox), expected.size);
        while (outbox_write(&outbox, ends[0]) == 1 && i != 2)
            read_some(KIB(64));
        ck_assert_uint_eq(outbox_end(&outbox), expected.size);
        ck_assert_uint_eq(outbox.gone, expected.size - outbox_unread(&outbox));
        while (read_some(KIB(64)) > 0)
            continue;
    }
}
END_TEST

START_TEST(a_client_that_is_gone_is_an_error_and_no_signal)
{
    close(ends[1]);
    append(3, 'a');
    ck_assert_int_eq(outbox_write(&outbox, ends[0]), -EPIPE);
    ends[1] = open("/dev/null", O_RDONLY);
}
END_TEST

START_TEST(what_is_not_written_is_given_back_with_the_outbox)
{
    static const uint8_t part[100];

    append_shared(part, sizeof(part), 0);
    append_shared(part, sizeof(part), 0);
    outbox_deinit(&outbox);
    ck_assert_int_eq(released, 2);
    outbox_init(&outbox, on_release, &released);
}
END_TEST

START_TEST(a_large_outbox_does_not_keep_its_memory)
{
    append(100, 'a');
    ck_assert_int_eq(outbox_write(&outbox, ends[0]), 0);
    ck_assert_uint_gt(outbox.copied.capacity, 0);
    append(KIB(64), 'b');
    ck_assert_int_eq(outbox_write(&outbox, ends[0]), 0);
    ck_assert_uint_eq(outbox.copied.capacity, 0);
}
END_TEST

START_TEST(without_memory_a_shared_part_is_given_back_at_once)
{
    static const uint8_t part[100];

    fault_set(1);
    outbox_share(&outbox, part, sizeof(part), (void *)part);
    fault_set(0);
    ck_assert(outbox.copied.failed);
    ck_assert_int_eq(released, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("server/outbox");
    TCase *tcase = tcase_create("outbox");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, what_was_gathered_is_written_at_once);
    tcase_add_test(tcase, an_empty_one_writes_nothing);
    tcase_add_test(tcase, a_shared_part_is_written_in_its_place_and_given_back);
    tcase_add_test(tcase, more_than_the_socket_takes_is_written_as_it_is_read);
    tcase_add_test(tcase, what_is_behind_does_not_count_the_frame_under_way);
    tcase_add_test(tcase, what_is_behind_is_right_wherever_the_cut_falls);
    tcase_add_test(tcase, appending_while_part_is_written_keeps_the_order);
    tcase_add_test(tcase, what_is_read_takes_no_more_than_a_quarter_of_what_is_not);
    tcase_add_test(tcase, it_knows_where_in_the_stream_its_end_is);
    tcase_add_test(tcase, a_client_that_is_gone_is_an_error_and_no_signal);
    tcase_add_test(tcase, what_is_not_written_is_given_back_with_the_outbox);
    tcase_add_test(tcase, a_large_outbox_does_not_keep_its_memory);
    tcase_add_test(tcase, without_memory_a_shared_part_is_given_back_at_once);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
