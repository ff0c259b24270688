/* SPDX-License-Identifier: MIT */
/*
 * A real daemon under clients that take and do not give: each is bounded, told where it can be, and
 * nobody else notices.
 */
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/daemon.h"
#include "lib/tried.h"
#include "lib/wire.h"
#include "protocol/limits.h"

static struct daemon daemon_;
static struct wire other; /* who is not to notice anything */
static struct wire wire;
static struct buffer out;

static void start(const char *const *options)
{
    daemon_start(&daemon_, options);
    wire_open(&other, daemon_.socket);
}

static void stop(void)
{
    wire_ping(&other, 1000000);
    wire_close(&other);
    buffer_deinit(&out);
    daemon_stop(&daemon_);
}

/* Bytes of memory that the daemon has in use, from the kernel. */
static uint64_t memory_of(pid_t pid)
{
    unsigned long long total, resident = 0;
    char path[64];
    FILE *file;

    (void)snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
    file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fscanf(file, "%llu %llu", &total, &resident), 2);
    (void)fclose(file);
    return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* The tuple ["blob", bin of that size], as a request of its own. */
static void add_blob(uint64_t number, uint32_t size)
{
    struct request request = {.number = number, .op = TSD_OP_OUT, .tuple_count = 1};
    struct buffer tuple = BUFFER_INIT;
    uint8_t *blob = calloc(1, size);
    msgpack_packer packer = buffer_packer(&tuple);

    msgpack_pack_array(&packer, 2);
    buffer_pack_str(&tuple, "blob", 4);
    buffer_pack_bin(&tuple, blob, size);
    free(blob);
    request.space = (struct span){(const uint8_t *)"main", 4};
    request.tuples = (struct span){tuple.bytes, (uint32_t)tuple.size};
    request_encode(&request, &out);
    buffer_deinit(&tuple);
}

static void put_blob(uint32_t size)
{
    add_blob(10, size);
    wire_flush(&other, &out);
    wire_expect(&other, 10, TS_OK);
}

START_TEST(who_says_nothing_is_told_and_closed)
{
    const char *const options[] = {"--limit", "opening-ms=50", NULL};

    start(options);
    wire_connect(&wire, daemon_.socket);
    wire_expect_error(&wire, TS_LIMIT, "opening-ms");
    wire_close(&wire);
    stop();
    tried("who_says_nothing_is_told_and_closed", 1);
}
END_TEST

START_TEST(who_says_a_byte_now_and_then_has_no_more_time)
{
    const char *const options[] = {"--limit", "opening-ms=50", NULL};
    struct pollfd ready;

    start(options);
    wire_connect(&wire, daemon_.socket);
    wire_add_hello(&out);
    ready = (struct pollfd){.fd = wire.fd, .events = POLLIN};
    for (size_t i = 0; i + 1 < out.size && poll(&ready, 1, 10) == 0; i++)
        (void)wire_try_send(&wire, out.bytes + i, 1);
    buffer_clear(&out);
    wire_expect_error(&wire, TS_LIMIT, "opening-ms");
    wire_close(&wire);
    stop();
    tried("who_says_a_byte_now_and_then_has_no_more_time", 1);
}
END_TEST

START_TEST(who_has_opened_may_be_silent)
{
    const char *const options[] = {"--limit", "opening-ms=50", NULL};
    struct wire late;

    start(options);
    wire_open(&wire, daemon_.socket);
    wire_connect(&late, daemon_.socket);
    wire_expect_error(&late, TS_LIMIT, "opening-ms"); /* so long it took at least */
    wire_ping(&wire, 1);
    wire_close(&late);
    wire_close(&wire);
    stop();
}
END_TEST

static void expect_hung_up(void)
{
    struct pollfd end = {.fd = wire.fd, .events = 0};

    ck_assert_int_eq(poll(&end, 1, 20000), 1);
    ck_assert(end.revents & POLLHUP);
}

/* Sends requests until the daemon reads no more, or it has hung up. Returns how many bytes went. */
static size_t send_until_stuck(const struct buffer *request)
{
    size_t sent = 0, at = 0;

    for (;;) {
        struct pollfd ready = {.fd = wire.fd, .events = POLLOUT};
        ssize_t size;

        /* what the other does is done after what the daemon had of this one */
        if (poll(&ready, 1, 0) == 0) {
            wire_ping(&other, 500);
            wire_ping(&other, 501);
            if (poll(&ready, 1, 0) == 0)
                return sent;
        }
        size = send(wire.fd, request->bytes + at, request->size - at, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (size < 0 && errno != EAGAIN)
            return sent;
        if (size > 0) {
            sent += (size_t)size;
            at = (at + (size_t)size) % request->size;
        }
        ck_assert_uint_lt(sent, MIB(64)); /* it never stops reading */
    }
}

START_TEST(who_does_not_read_is_read_no_more_and_then_goes_on_where_it_was)
{
    uint64_t answers = 0;
    size_t sent;

    start(NULL);
    put_blob(KIB(8));
    wire_open(&wire, daemon_.socket);
    wire_add_match(&out, TSD_OP_RD, 7, "main", "[\"blob\", ?bin]", 0);
    sent = send_until_stuck(&out);
    ck_assert_uint_lt(memory_of(daemon_.pid), MIB(32));
    /* it is bounded, not broken: every whole request is answered once it reads */
    for (uint64_t whole = sent / out.size; answers < whole; answers++)
        wire_expect(&wire, 7, TS_OK);
    wire_close(&wire);
    stop();
    tried("who_does_not_read_is_read_no_more_and_then_goes_on_where_it_was", 1);
}
END_TEST

START_TEST(who_does_not_read_for_long_is_disconnected)
{
    const char *const options[] = {"--limit", "unread-ms=100", NULL};
    start(options);
    put_blob(KIB(8));
    wire_open(&wire, daemon_.socket);
    wire_add_match(&out, TSD_OP_RD, 7, "main", "[\"blob\", ?bin]", 0);
    send_until_stuck(&out);
    expect_hung_up();
    wire_close(&wire);
    stop();
    tried("who_does_not_read_for_long_is_disconnected", 1);
}
END_TEST

START_TEST(answers_to_those_who_wait_pile_up_to_the_limit_and_no_further)
{
    start(NULL);
    wire_open(&wire, daemon_.socket);
    for (uint64_t number = 1; number <= 100; number++)
        wire_add_match(&out, TSD_OP_RD, number, "main", "[\"blob\", ?bin]", UINT64_MAX);
    wire_flush(&wire, &out);
    wire_add_plain(&out, TSD_OP_PING, 101, 0);
    wire_flush(&wire, &out);
    wire_expect(&wire, 101, TS_OK);
    put_blob(MIB(1)); /* a hundred answers of a MiB each: more than may wait to be read */
    expect_hung_up();
    wire_close(&wire);
    stop();
    tried("answers_to_those_who_wait_pile_up_to_the_limit_and_no_further", 100);
}
END_TEST

START_TEST(who_reads_may_ask_for_any_number_of_large_answers)
{
    start(NULL);
    put_blob(MIB(16) - 64);
    wire_open(&wire, daemon_.socket);
    for (uint64_t number = 1; number <= 5; number++)
        wire_add_match(&out, TSD_OP_RD, number, "main", "[\"blob\", ?bin]", 0);
    wire_flush(&wire, &out);
    for (uint64_t number = 1; number <= 5; number++) {
        wire_expect(&wire, number, TS_OK);
        ck_assert_uint_gt(wire.reply.result.size, MIB(16) - 64);
    }
    wire_close(&wire);
    stop();
}
END_TEST

START_TEST(a_large_tuple_comes_back_byte_for_byte)
{
    struct request request = {.number = 1, .op = TSD_OP_OUT, .tuple_count = 1};
    struct buffer tuple = BUFFER_INIT;
    struct item item = {0};
    const uint8_t *p = NULL;
    static uint8_t blob[MIB(3)];
    msgpack_packer packer = buffer_packer(&tuple);

    for (size_t i = 0; i < sizeof(blob); i++)
        blob[i] = (uint8_t)(i * 2654435761u >> 13);
    msgpack_pack_array(&packer, 3);
    buffer_pack_str(&tuple, "large", 5);
    buffer_pack_bin(&tuple, blob, sizeof(blob));
    msgpack_pack_nil(&packer);
    start(NULL);
    wire_open(&wire, daemon_.socket);
    request.space = (struct span){(const uint8_t *)"main", 4};
    request.tuples = (struct span){tuple.bytes, (uint32_t)tuple.size};
    request_encode(&request, &out);
    wire_add_match(&out, TSD_OP_RD, 2, "main", "[\"large\", ...]", 0);
    wire_add_match(&out, TSD_OP_IN, 3, "main", "[\"large\", ...]", 0);
    wire_add_plain(&out, TSD_OP_CLOSE, 4, 0); /* the tuple goes while it is being written */
    wire_flush(&wire, &out);
    wire_expect(&wire, 1, TS_OK);
    for (uint64_t number = 2; number <= 3; number++, p = NULL) {
        wire_expect(&wire, number, TS_OK);
        ck_assert_int_eq(reply_next_item(&wire.reply, &p, &item), 1);
        ck_assert_uint_eq(item.tuple.size, tuple.size);
        ck_assert_mem_eq(item.tuple.bytes, tuple.bytes, tuple.size);
    }
    wire_expect(&wire, 4, TS_OK);
    wire_expect_end(&wire);
    wire_close(&wire);
    buffer_deinit(&tuple);
    stop();
}
END_TEST

START_TEST(a_promise_of_many_bytes_takes_no_memory)
{
    enum { CLIENTS = 50 };
    struct wire wires[CLIENTS];
    uint64_t before;

    start(NULL);
    before = memory_of(daemon_.pid);
    for (int i = 0; i < CLIENTS; i++) {
        wire_open(&wires[i], daemon_.socket);
        wire_send(&wires[i], "\xce\x01\x00\x00\x00\x95\x01\x05\x00", 9); /* 16 MiB, it says */
    }
    wire_ping(&other, 1);
    ck_assert_uint_lt(memory_of(daemon_.pid) - before, MIB(4));
    for (int i = 0; i < CLIENTS; i++)
        wire_close(&wires[i]);
    stop();
    tried("a_promise_of_many_bytes_takes_no_memory", CLIENTS);
}
END_TEST

START_TEST(unfinished_frames_of_a_user_are_bounded_together)
{
    enum { CLIENTS = 6 };
    const char *const options[] = {"--limit", "unfinished-bytes=8388608", NULL};
    static uint8_t part[MIB(2) - 1];
    struct wire wires[CLIENTS];
    int refused = 0;

    start(options);
    frame_write_head(part, sizeof(part)); /* less its head, so that it is never all there */
    for (int i = 0; i < CLIENTS; i++) {
        wire_open(&wires[i], daemon_.socket);
        if (!wire_try_send(&wires[i], part, sizeof(part)))
            refused++;
        wire_ping(&other, (uint64_t)i + 1);
    }
    ck_assert_int_ge(refused, 1); /* 12 MiB do not go into 8 */
    ck_assert_int_le(refused, 3); /* and the first ones are no less welcome */
    wire_expect_error(&wires[CLIENTS - 1], TS_LIMIT, "unfinished-bytes");
    for (int i = 0; i < CLIENTS; i++)
        wire_close(&wires[i]);
    /* all of it is given back */
    wire_open(&wire, daemon_.socket);
    add_blob(1, MIB(7));
    wire_flush(&wire, &out);
    wire_expect(&wire, 1, TS_OK);
    wire_close(&wire);
    stop();
    tried("unfinished_frames_of_a_user_are_bounded_together", CLIENTS);
}
END_TEST

/* Until the daemon hangs up. */
static void expect_cut_off(struct wire *from)
{
    uint8_t bytes[4096];
    ssize_t size;

    do {
        struct pollfd ready = {.fd = from->fd, .events = POLLIN};

        ck_assert_int_eq(poll(&ready, 1, 20000), 1);
        size = recv(from->fd, bytes, sizeof(bytes), 0);
    } while (size > 0);
}

START_TEST(unread_answers_of_a_user_are_bounded_together)
{
    enum { MOST = 2 }; /* of 3 MiB less what a socket takes, in 7 MiB */
    const char *const options[] = {"--limit", "user-unread-bytes=7340032", NULL};
    struct wire wires[MOST];

    start(options);
    put_blob(MIB(3));
    for (int i = 0; i <= MOST; i++) {
        struct wire *to = i < MOST ? &wires[i] : &wire;
        struct pollfd begun;

        wire_open(to, daemon_.socket);
        wire_add_match(&out, TSD_OP_RD, 1, "main", "[\"blob\", ?]", 0);
        wire_flush(to, &out);
        begun = (struct pollfd){.fd = to->fd, .events = POLLIN};
        ck_assert_int_eq(poll(&begun, 1, 20000), 1);
    }
    expect_cut_off(&wire);
    wire_close(&wire);
    /* the first ones read theirs, and all is given back */
    for (int i = 0; i < MOST; i++) {
        wire_expect(&wires[i], 1, TS_OK);
        wire_ping(&wires[i], 2);
    }
    wire_open(&wire, daemon_.socket);
    wire_add_match(&out, TSD_OP_RD, 1, "main", "[\"blob\", ?]", 0);
    wire_flush(&wire, &out);
    wire_expect(&wire, 1, TS_OK);
    wire_close(&wire);
    for (int i = 0; i < MOST; i++)
        wire_close(&wires[i]);
    stop();
    tried("unread_answers_of_a_user_are_bounded_together", MOST + 1);
}
END_TEST

START_TEST(a_user_may_have_so_many_connections)
{
    const char *const options[] = {"--limit", "user-connections=3", NULL};
    struct wire second;

    start(options);
    wire_open(&wire, daemon_.socket);
    wire_open(&second, daemon_.socket);
    struct wire third;
    wire_connect(&third, daemon_.socket);
    wire_expect_error(&third, TS_LIMIT, "user-connections");
    wire_close(&third);
    wire_close(&second);
    wire_ping(&other, 1); /* the daemon has seen that it left */
    wire_ping(&other, 2);
    wire_open(&third, daemon_.socket);
    wire_close(&third);
    wire_close(&wire);
    stop();
}
END_TEST

/* A daemon that may have so many descriptors. */
static void start_with_descriptors(int descriptors)
{
    const char *const options[] = {"--log-level", "err", NULL};
    int status;

    daemon_prepare(&daemon_);
    daemon_.descriptors = descriptors;
    ck_assert(daemon_try(&daemon_, options, &status));
    wire_open(&other, daemon_.socket);
}

START_TEST(connections_are_bounded_by_the_descriptors_there_are)
{
    enum { MOST = 150 - 64 };
    struct wire wires[MOST];

    start_with_descriptors(150);
    for (int i = 0; i < MOST - 1; i++) /* and the other one */
        wire_open(&wires[i], daemon_.socket);
    wire_connect(&wire, daemon_.socket);
    wire_expect_error(&wire, TS_LIMIT, "connections: there are 86");
    wire_close(&wire);
    for (int i = 0; i < MOST - 1; i++)
        wire_close(&wires[i]);
    stop();
    tried("connections_are_bounded_by_the_descriptors_there_are", 1);
}
END_TEST

/* Nanoseconds of processor time that the daemon has used. */
static uint64_t processor_time(void)
{
    struct timespec time;
    clockid_t clock;

    ck_assert_int_eq(clock_getcpuclockid(daemon_.pid, &clock), 0);
    ck_assert_int_eq(clock_gettime(clock, &time), 0);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* Connects and asks for the welcome. Returns whether the daemon has accepted it by now. */
static bool connect_and_see(struct wire *to)
{
    struct pollfd ready;

    wire_connect(to, daemon_.socket);
    wire_add_hello(&out);
    wire_flush(to, &out);
    wire_ping(&other, 1);
    wire_ping(&other, 2);
    ready = (struct pollfd){.fd = to->fd, .events = POLLIN};
    return poll(&ready, 1, 0) == 1;
}

START_TEST(without_a_descriptor_left_it_waits_for_one_and_does_not_spin)
{
    enum { MOST = 9 }; /* by its own count; it needs more than half of them itself */
    struct wire wires[MOST];
    struct pollfd ready;
    struct frame frame;
    uint64_t before;
    int opened = 0;

    start_with_descriptors(2 * MOST);
    while (connect_and_see(&wires[opened]))
        ck_assert_int_lt(++opened, MOST - 1);
    ready = (struct pollfd){.fd = wires[opened].fd, .events = POLLIN};
    before = processor_time();
    ck_assert_int_eq(poll(&ready, 1, 500), 0); /* it tries again every 100 ms, in vain */
    ck_assert_uint_lt(processor_time() - before, 250000000);
    wire_close(&wires[0]);
    ck_assert(wire_read(&wires[opened], &frame)); /* now it could accept it */
    for (int i = 1; i <= opened; i++)
        wire_close(&wires[i]);
    stop();
    tried("without_a_descriptor_left_it_waits_for_one_and_does_not_spin", 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("system/limits");
    TCase *tcase = tcase_create("limits");
    SRunner *runner = srunner_create(suite);

    tcase_add_test(tcase, who_says_nothing_is_told_and_closed);
    tcase_add_test(tcase, who_says_a_byte_now_and_then_has_no_more_time);
    tcase_add_test(tcase, who_has_opened_may_be_silent);
    tcase_add_test(tcase, who_does_not_read_is_read_no_more_and_then_goes_on_where_it_was);
    tcase_add_test(tcase, who_does_not_read_for_long_is_disconnected);
    tcase_add_test(tcase, answers_to_those_who_wait_pile_up_to_the_limit_and_no_further);
    tcase_add_test(tcase, who_reads_may_ask_for_any_number_of_large_answers);
    tcase_add_test(tcase, a_large_tuple_comes_back_byte_for_byte);
    tcase_add_test(tcase, a_promise_of_many_bytes_takes_no_memory);
    tcase_add_test(tcase, unfinished_frames_of_a_user_are_bounded_together);
    tcase_add_test(tcase, unread_answers_of_a_user_are_bounded_together);
    tcase_add_test(tcase, a_user_may_have_so_many_connections);
    tcase_add_test(tcase, connections_are_bounded_by_the_descriptors_there_are);
    tcase_add_test(tcase, without_a_descriptor_left_it_waits_for_one_and_does_not_spin);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
