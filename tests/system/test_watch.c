/* SPDX-License-Identifier: MIT */
/*
 * Watches at a real daemon, of clients that read, read slowly or not at all (rule S19).
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "lib/daemon.h"
#include "system/asking.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0 /* else memory tells little */
#endif

#define WATCH 7 /* number of the watch */

static struct daemon daemon_;
static struct wire wire;  /* watches */
static struct wire other; /* puts */

static void setup(void)
{
    daemon_start(&daemon_, NULL);
    wire_open(&wire, daemon_.socket);
    wire_open(&other, daemon_.socket);
}

static void teardown(void)
{
    wire_ping(&other, 1000);
    wire_close(&other);
    wire_close(&wire);
    buffer_deinit(&asked);
    daemon_stop(&daemon_);
}

/* A line of /proc/PID/status in bytes. */
static uint64_t memory_of(pid_t pid, const char *line)
{
    char path[64], text[256];
    unsigned long long kib = 0;
    FILE *file;

    (void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    while (fgets(text, sizeof(text), file))
        if (strncmp(text, line, strlen(line)) == 0)
            kib = strtoull(text + strlen(line) + 1, NULL, 10);
    (void)fclose(file);
    ck_assert_uint_gt(kib, 0);
    return kib * 1024;
}

/* From now on VmHWM is the most that is used after now. Returns what is used now. */
static uint64_t memory_mark(pid_t pid)
{
    char path[64];
    int fd;

    (void)snprintf(path, sizeof(path), "/proc/%d/clear_refs", (int)pid);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, "5", 1), 1);
    close(fd);
    return memory_of(pid, "VmRSS");
}

/* Puts `count` tuples [name, bin of that size] as one unit. */
static void put_some(struct wire *to, uint64_t number, const char *name, uint32_t size,
                     uint32_t count)
{
    struct request request = {.number = number, .op = TSD_OP_OUT, .tuple_count = count};
    struct buffer tuples = BUFFER_INIT;
    msgpack_packer packer = buffer_packer(&tuples);
    uint8_t *blob = calloc(1, size);

    for (uint32_t i = 0; i < count; i++) {
        msgpack_pack_array(&packer, 2);
        buffer_pack_str(&tuples, name, strlen(name));
        buffer_pack_bin(&tuples, blob, size);
    }
    free(blob);
    request.space = text_span("main");
    request.tuples = (struct span){tuples.bytes, (uint32_t)tuples.size};
    request_encode(&request, &asked);
    wire_flush(to, &asked);
    buffer_deinit(&tuples);
    wire_expect(to, number, TS_OK);
}

START_TEST(it_is_told_what_happens)
{
    struct request in = {.number = 2, .op = TSD_OP_IN};
    struct request release = {.number = 4, .op = TSD_OP_RELEASE};
    struct token token;

    watch(&wire, WATCH, "[\"a\", ?int]", false);
    expect_event(&wire, WATCH, TSD_EVENT_READY);
    wire_out(&other, 1, "[\"b\", 1]");
    wire_out(&other, 1, "[\"a\", 1]");
    expect_event(&wire, WATCH, TSD_EVENT_PUT);
    token = take_hold(&other, 3, "[\"a\", ?]", 0, false);
    expect_event(&wire, WATCH, TSD_EVENT_TAKEN);
    settle(&other, &release, &token, NULL);
    wire_expect(&other, 4, TS_OK);
    expect_event(&wire, WATCH, TSD_EVENT_RETURNED);
    ask(&other, &in, "[\"a\", ?]", NULL);
    wire_expect(&other, 2, TS_OK);
    expect_event(&wire, WATCH, TSD_EVENT_TAKEN);
    wire_ping(&wire, 8); /* and nothing of the other tuple */
}
END_TEST

START_TEST(large_tuples_are_told_of_too)
{
    struct event event;

    watch(&wire, WATCH, "[\"big\", ?bin]", false);
    expect_event(&wire, WATCH, TSD_EVENT_READY);
    for (uint64_t i = 1; i <= 3; i++) {
        put_some(&other, i, "big", MIB(5), 1);
        event = next_event(&wire, WATCH);
        ck_assert_uint_eq(event.kind, TSD_EVENT_PUT);
        ck_assert_uint_gt(event.item.tuple.size, MIB(5));
    }
}
END_TEST

/* Until the gap; returns how many puts came before it. */
static uint32_t read_to_gap(void)
{
    struct event event;
    uint32_t puts = 0;

    while ((event = next_event(&wire, WATCH)).kind == TSD_EVENT_PUT)
        puts++;
    ck_assert_uint_eq(event.kind, TSD_EVENT_GAP);
    wire_expect(&wire, WATCH, TS_LIMIT);
    return puts;
}

START_TEST(who_does_not_read_is_told_of_the_gap_and_may_start_again)
{
    enum { UNITS = 60, UNIT = 100 }; /* 6 MiB */
    uint32_t told, stored = 0;
    struct event event;

    watch(&wire, WATCH, "[\"a\", ?]", false);
    expect_event(&wire, WATCH, TSD_EVENT_READY);
    for (uint64_t i = 0; i < UNITS; i++)
        put_some(&other, i + 1, "a", 1000, UNIT); /* served all the while */
    told = read_to_gap();
    ck_assert_uint_ge(told, KIB(1000) / 1100); /* the bound's worth of them */
    ck_assert_uint_lt(told, UNITS * UNIT);
    wire_ping(&wire, 8); /* it is still connected */
    watch(&wire, WATCH, "[\"a\", ?]", true);
    while ((event = next_event(&wire, WATCH)).kind == TSD_EVENT_PUT)
        stored++;
    ck_assert_uint_eq(event.kind, TSD_EVENT_READY);
    ck_assert_uint_eq(stored, UNITS * UNIT);
    wire_out(&other, 100, "[\"a\", 1]");
    expect_event(&wire, WATCH, TSD_EVENT_PUT);
}
END_TEST

START_TEST(all_watches_of_the_connection_end_in_a_gap)
{
    watch(&wire, WATCH, "[\"a\", ?]", false);
    expect_event(&wire, WATCH, TSD_EVENT_READY);
    watch(&wire, WATCH + 1, "[\"b\"]", false);
    expect_event(&wire, WATCH + 1, TSD_EVENT_READY);
    for (uint64_t i = 0; i < 4; i++)
        put_some(&other, i + 1, "a", 1000, 1000);
    wire_out(&other, 20, "[\"b\"]"); /* missed */
    read_to_gap();
    expect_event(&wire, WATCH + 1, TSD_EVENT_GAP);
    wire_expect(&wire, WATCH + 1, TS_LIMIT);
    wire_ping(&wire, 30);
}
END_TEST

/* What `scan` and the events of a watch say is there: ids, as a set. */
enum { IDS = 1 << 18 };
static uint8_t there[IDS];
static uint32_t number_there;

static void follow(const struct event *event)
{
    bool comes = event->kind == TSD_EVENT_PUT || event->kind == TSD_EVENT_RETURNED;

    ck_assert_uint_lt(event->item.id, IDS);
    ck_assert_int_eq(there[event->item.id], !comes); /* no event twice, and none left out */
    there[event->item.id] = comes;
    number_there += comes ? 1 : -1u;
}

/* Everything that the daemon has said so far. */
static void follow_to_ping(void)
{
    enum { PING = 8 };

    wire_add_plain(&asked, TSD_OP_PING, PING, 0);
    wire_flush(&wire, &asked);
    for (;;) {
        const uint8_t *p = NULL;
        struct problem problem;
        struct event event;
        struct frame frame;

        ck_assert(wire_read(&wire, &frame));
        ck_assert_int_eq(reply_decode(&frame, &wire.reply, &problem), 0);
        if (wire.reply.number == PING)
            return;
        ck_assert_int_eq(reply_next_event(&wire.reply, &p, &event), 1);
        follow(&event);
    }
}

START_TEST(what_is_stored_is_told_to_a_slow_reader_while_it_changes)
{
    enum { UNITS = 100, UNIT = 1000 };
    struct request in = {.op = TSD_OP_IN, .has = TSD_HAS(TIMEOUT)};
    struct event event;
    uint64_t before, number = UNITS, events = 0, delivery = 0;

    for (uint64_t i = 0; i < UNITS; i++)
        put_some(&other, i + 1, "a", 10, UNIT);
    before = memory_mark(daemon_.pid);
    watch(&wire, WATCH, "[\"a\", ?]", true);
    while ((event = next_event(&wire, WATCH)).kind != TSD_EVENT_READY) {
        follow(&event);
        if (events++ % 100 != 0)
            continue;
        in.number = ++number;
        in.ack = delivery;
        ask(&other, &in, "[\"a\", ?]", NULL); /* the oldest: told long ago */
        wire_expect(&other, in.number, TS_OK);
        delivery = other.reply.extras.delivery;
        put_some(&other, ++number, "a", 10, 1);
    }
    if (!SANITIZED)
        ck_assert_uint_lt(memory_of(daemon_.pid, "VmHWM") - before, MIB(2));
    follow_to_ping();
    ck_assert_uint_ge(events, UNITS * UNIT); /* each that was stored, and more */
    ck_assert_uint_eq(number_there, wire_count(daemon_.socket, "[\"a\", ?]"));
    ck_assert_uint_eq(number_there, UNITS * UNIT);
    wire_out(&other, ++number, "[\"a\", 1]");
    event = next_event(&wire, WATCH);
    follow(&event);
}
END_TEST

/* More than a bound's worth of large tuples: one after the other, each once the last one is read. */
START_TEST(large_tuples_that_are_stored_are_told_as_they_are_read)
{
    enum { MANY = 6 };
    struct event event;

    for (uint64_t i = 0; i < MANY; i++)
        put_some(&other, i + 1, "a", i % 2 ? MIB(3) : KIB(900), 1);
    watch(&wire, WATCH, "[\"a\", ?]", true);
    for (int i = 0; i < MANY; i++) {
        wire_ping(&other, 50); /* the daemon has done what it does before more is read */
        event = next_event(&wire, WATCH);
        ck_assert_uint_eq(event.kind, TSD_EVENT_PUT);
    }
    expect_event(&wire, WATCH, TSD_EVENT_READY);
}
END_TEST

START_TEST(a_cancelled_watch_tells_nothing_more)
{
    struct request cancel = {.number = 8, .op = TSD_OP_CANCEL, .target = WATCH};

    watch(&wire, WATCH, "[\"a\", ?]", false);
    expect_event(&wire, WATCH, TSD_EVENT_READY);
    ask(&wire, &cancel, NULL, NULL);
    wire_expect(&wire, WATCH, TS_CANCELLED); /* rule S15: in this order */
    wire_expect(&wire, 8, TS_OK);
    wire_out(&other, 1, "[\"a\", 1]");
    wire_ping(&wire, 9);
    ask(&wire, &cancel, NULL, NULL);
    wire_expect(&wire, 8, TS_NOMATCH);
}
END_TEST

START_TEST(a_watch_is_cancelled_while_it_tells_what_is_stored)
{
    struct request cancel = {.number = 8, .op = TSD_OP_CANCEL, .target = WATCH};
    uint32_t told = 0;

    for (uint64_t i = 0; i < 8; i++)
        put_some(&other, i + 1, "a", 1000, 1000);
    watch(&wire, WATCH, "[\"a\", ?]", true);
    expect_event(&wire, WATCH, TSD_EVENT_PUT);
    ask(&wire, &cancel, NULL, NULL);
    for (bool ended = false; !ended; told++) {
        struct frame frame;
        struct problem problem;

        ck_assert(wire_read(&wire, &frame));
        ck_assert_int_eq(reply_decode(&frame, &wire.reply, &problem), 0);
        ck_assert_uint_eq(wire.reply.number, WATCH);
        ended = wire.reply.status == TS_CANCELLED;
    }
    wire_expect(&wire, 8, TS_OK);
    ck_assert_uint_lt(told, 8000);
    wire_ping(&wire, 9);
}
END_TEST

START_TEST(who_shuts_its_direction_is_told_what_is_stored_and_no_more)
{
    uint32_t told = 0;
    struct event event;

    for (uint64_t i = 0; i < 4; i++)
        put_some(&other, i + 1, "a", 1000, 1000);
    watch(&wire, WATCH, "[\"a\", ?]", true);
    ck_assert_int_eq(shutdown(wire.fd, SHUT_WR), 0);
    while ((event = next_event(&wire, WATCH)).kind == TSD_EVENT_PUT)
        told++;
    ck_assert_uint_eq(event.kind, TSD_EVENT_READY);
    ck_assert_uint_eq(told, 4000);
    wire_expect_end(&wire);
}
END_TEST

/* Waits for `min` tuples of ["big", ...] and reads as many. */
static void wait_for_many(uint64_t number, uint32_t min)
{
    struct request request = {.number = number,
                              .op = TSD_OP_RD,
                              .has = TSD_HAS(MIN) | TSD_HAS(MAX),
                              .min = min,
                              .max = min};

    ask(&wire, &request, "[\"big\", ?]", NULL);
}

static uint32_t items_of(const struct reply *reply)
{
    const uint8_t *p = NULL;
    struct item item;
    uint32_t count = 0;

    while (reply_next_item(reply, &p, &item) == 1)
        count++;
    return count;
}

/* An answer of nearly 4 MiB is under way, the watch is full, and another answer comes. */
START_TEST(a_client_that_reads_nothing_takes_bounded_memory)
{
    enum { BIG = 3900, EVENTS = 950 }; /* each of 1 KiB */
    uint64_t before, most;

    for (uint64_t i = 0; i < 3; i++)
        put_some(&other, i + 1, "big", 1000, BIG / 3);
    wait_for_many(20, BIG + 1);
    wait_for_many(21, BIG + 2);
    watch(&wire, WATCH, "[\"a\", ?]", false);
    expect_event(&wire, WATCH, TSD_EVENT_READY);
    before = memory_mark(daemon_.pid);
    put_some(&other, 10, "big", 1000, 1);
    put_some(&other, 11, "a", 1000, EVENTS);
    put_some(&other, 12, "big", 1000, 1);
    wire_ping(&other, 13);
    most = memory_of(daemon_.pid, "VmHWM") - before;
    if (!SANITIZED)
        ck_assert_msg(most < MIB(12), "%llu KiB more", (unsigned long long)most / 1024);
    wire_expect(&wire, 20, TS_OK); /* nothing is lost */
    ck_assert_uint_eq(items_of(&wire.reply), BIG + 1);
    for (int i = 0; i < EVENTS; i++)
        expect_event(&wire, WATCH, TSD_EVENT_PUT);
    wire_expect(&wire, 21, TS_OK);
    ck_assert_uint_eq(items_of(&wire.reply), BIG + 2);
    wire_ping(&wire, 40);
}
END_TEST

START_TEST(who_has_too_many_answers_to_read_is_disconnected_and_takes_no_more_memory)
{
    enum { BIG = 3900, ANSWERS = 12 };
    struct pollfd end = {.fd = wire.fd, .events = 0};
    uint64_t before, most;

    for (uint64_t i = 0; i < 3; i++)
        put_some(&other, i + 1, "big", 1000, BIG / 3);
    watch(&wire, WATCH, "[\"a\", ?]", false);
    expect_event(&wire, WATCH, TSD_EVENT_READY);
    for (uint64_t i = 0; i < ANSWERS; i++)
        wait_for_many(20 + i, BIG + 1 + (uint32_t)i); /* each is served by one more tuple */
    wire_ping(&wire, 40);
    before = memory_mark(daemon_.pid);
    put_some(&other, 10, "a", 1000, 950);
    for (uint64_t i = 0; i < ANSWERS; i++)
        put_some(&other, 50 + i, "big", 1000, 1);
    ck_assert_int_eq(poll(&end, 1, 20000), 1);
    ck_assert(end.revents & POLLHUP);
    most = memory_of(daemon_.pid, "VmHWM") - before;
    if (!SANITIZED)
        ck_assert_msg(most < MIB(12), "%llu KiB more", (unsigned long long)most / 1024);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("system/watch");
    TCase *tcase = tcase_create("watch");
    SRunner *runner = srunner_create(suite);

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, it_is_told_what_happens);
    tcase_add_test(tcase, large_tuples_are_told_of_too);
    tcase_add_test(tcase, who_does_not_read_is_told_of_the_gap_and_may_start_again);
    tcase_add_test(tcase, all_watches_of_the_connection_end_in_a_gap);
    tcase_add_test(tcase, what_is_stored_is_told_to_a_slow_reader_while_it_changes);
    tcase_add_test(tcase, large_tuples_that_are_stored_are_told_as_they_are_read);
    tcase_add_test(tcase, a_cancelled_watch_tells_nothing_more);
    tcase_add_test(tcase, a_watch_is_cancelled_while_it_tells_what_is_stored);
    tcase_add_test(tcase, who_shuts_its_direction_is_told_what_is_stored_and_no_more);
    tcase_add_test(tcase, a_client_that_reads_nothing_takes_bounded_memory);
    tcase_add_test(tcase,
                   who_has_too_many_answers_to_read_is_disconnected_and_takes_no_more_memory);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
