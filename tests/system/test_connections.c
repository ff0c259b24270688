/* SPDX-License-Identifier: MIT */
/*
 * How connections end at a real daemon, and what becomes of what they had: rules S8, S10, S11.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/daemon.h"
#include "lib/tried.h"
#include "lib/wire.h"

static struct daemon daemon_;
static struct wire other; /* puts, and looks */
static struct wire wire;
static struct buffer out;

static void setup(void)
{
    daemon_start(&daemon_, NULL);
    wire_open(&other, daemon_.socket);
}

static void teardown(void)
{
    wire_ping(&other, 1000);
    wire_close(&other);
    buffer_deinit(&out);
    daemon_stop(&daemon_);
}

static void take(struct wire *from, uint64_t number, const char *pattern, uint64_t timeout_us)
{
    wire_add_match(&out, TSD_OP_IN, number, "main", pattern, timeout_us);
    wire_flush(from, &out);
}

/* How often the one tuple of the last answer has come back. */
static uint32_t returns_of(const struct wire *from)
{
    struct item item = {0};
    const uint8_t *p = NULL;

    ck_assert_int_eq(reply_next_item(&from->reply, &p, &item), 1);
    return item.returns;
}

/* Waits until the tuple is back and takes it for good. */
static uint32_t take_back(const char *pattern)
{
    uint32_t returns;

    take(&other, 50, pattern, UINT64_MAX);
    wire_expect(&other, 50, TS_OK);
    returns = returns_of(&other);
    wire_add_plain(&out, TSD_OP_ACK, 51, other.reply.extras.delivery);
    wire_flush(&other, &out);
    wire_expect(&other, 51, TS_OK);
    return returns;
}

START_TEST(requests_sent_before_a_half_close_are_answered)
{
    wire_open(&wire, daemon_.socket);
    wire_add_out(&out, 1, "main", "[\"half\", 1]");
    wire_add_match(&out, TSD_OP_RD, 2, "main", "[\"half\", ?]", UINT64_MAX);
    wire_add_match(&out, TSD_OP_COUNT, 3, "main", "[\"half\", ?]", UINT64_MAX);
    wire_flush(&wire, &out);
    ck_assert_int_eq(shutdown(wire.fd, SHUT_WR), 0);
    for (uint64_t number = 1; number <= 3; number++)
        wire_expect(&wire, number, TS_OK);
    wire_expect_end(&wire);
    wire_close(&wire);
}
END_TEST

START_TEST(a_half_close_cancels_what_waits)
{
    wire_open(&wire, daemon_.socket);
    take(&wire, 1, "[\"late\"]", UINT64_MAX);
    ck_assert_int_eq(shutdown(wire.fd, SHUT_WR), 0);
    wire_expect_end(&wire);
    wire_out(&other, 2, "[\"late\"]");
    ck_assert_uint_eq(wire_count(daemon_.socket, "[\"late\"]"), 1);
    wire_close(&wire);
    tried("a_half_close_cancels_what_waits", 1);
}
END_TEST

START_TEST(a_walk_in_pieces_is_finished_after_a_half_close)
{
    for (uint64_t number = 1; number <= 3000; number++)
        wire_add_out(&out, number, "main", "[\"many\", 1, 2]");
    wire_flush(&other, &out);
    for (uint64_t number = 1; number <= 3000; number++)
        wire_expect(&other, number, TS_OK);
    wire_open(&wire, daemon_.socket);
    wire_add_match(&out, TSD_OP_COUNT, 1, "main", "[?, 1, ?int]", UINT64_MAX);
    wire_flush(&wire, &out);
    ck_assert_int_eq(shutdown(wire.fd, SHUT_WR), 0);
    wire_expect(&wire, 1, TS_OK);
    wire_expect_end(&wire);
    wire_close(&wire);
}
END_TEST

START_TEST(what_was_not_acknowledged_goes_back)
{
    wire_out(&other, 1, "[\"task\"]");
    wire_open(&wire, daemon_.socket);
    take(&wire, 1, "[\"task\"]", 0);
    wire_expect(&wire, 1, TS_OK);
    ck_assert_uint_eq(wire.reply.extras.delivery, 1);
    wire_close(&wire);
    ck_assert_uint_eq(take_back("[\"task\"]"), 1);
    tried("what_was_not_acknowledged_goes_back", 1);
}
END_TEST

START_TEST(what_was_acknowledged_does_not)
{
    wire_out(&other, 1, "[\"task\"]");
    wire_open(&wire, daemon_.socket);
    take(&wire, 1, "[\"task\"]", 0);
    wire_expect(&wire, 1, TS_OK);
    wire_add_plain(&out, TSD_OP_ACK, 2, 1);
    wire_flush(&wire, &out);
    wire_expect(&wire, 2, TS_OK);
    ck_assert_int_eq(shutdown(wire.fd, SHUT_WR), 0);
    wire_expect_end(&wire);
    wire_close(&wire);
    ck_assert_uint_eq(wire_count(daemon_.socket, "[\"task\"]"), 0);
}
END_TEST

START_TEST(a_goodbye_acknowledges_and_gives_back_uncounted)
{
    wire_out(&other, 1, "[\"task\", 1]");
    wire_out(&other, 2, "[\"task\", 2]");
    wire_open(&wire, daemon_.socket);
    take(&wire, 1, "[\"task\", ?]", 0);
    wire_expect(&wire, 1, TS_OK);
    take(&wire, 2, "[\"task\", ?]", 0);
    wire_expect(&wire, 2, TS_OK);
    wire_add_plain(&out, TSD_OP_CLOSE, 3, 1);
    wire_add_plain(&out, TSD_OP_PING, 4, 0); /* too late: nobody reads it */
    wire_flush(&wire, &out);
    wire_expect(&wire, 3, TS_OK);
    wire_expect_end(&wire);
    wire_close(&wire);
    ck_assert_uint_eq(wire_count(daemon_.socket, "[\"task\", 1]"), 0);
    ck_assert_uint_eq(take_back("[\"task\", 2]"), 0);
}
END_TEST

START_TEST(the_acknowledgement_of_a_refused_request_holds)
{
    static const uint8_t refused[] = "\xce\x00\x00\x00\x0e\x95\x02\x05\x01\xa4main\x91\x91\xa1\xff";

    wire_out(&other, 1, "[\"task\"]");
    wire_open(&wire, daemon_.socket);
    take(&wire, 1, "[\"task\"]", 0);
    wire_expect(&wire, 1, TS_OK);
    out.size = 0;
    buffer_append(&out, refused, sizeof(refused) - 1);
    out.bytes[4] = (uint8_t)(sizeof(refused) - 1 - FRAME_HEAD);
    wire_flush(&wire, &out);
    wire_expect(&wire, 2, TS_MALFORMED);
    wire_close(&wire);
    wire_ping(&other, 2);
    wire_ping(&other, 3);
    ck_assert_uint_eq(wire_count(daemon_.socket, "[\"task\"]"), 0);
}
END_TEST

START_TEST(a_malformed_frame_gives_back_too)
{
    wire_out(&other, 1, "[\"task\"]");
    wire_open(&wire, daemon_.socket);
    take(&wire, 1, "[\"task\"]", 0);
    wire_expect(&wire, 1, TS_OK);
    wire_send(&wire, "nonsense", 8);
    wire_expect_error(&wire, TS_PROTOCOL, "0xce");
    wire_close(&wire);
    ck_assert_uint_eq(take_back("[\"task\"]"), 1);
    tried("a_malformed_frame_gives_back_too", 1);
}
END_TEST

START_TEST(a_killed_process_gives_back_wherever_it_was)
{
    int told[2];
    char byte;
    pid_t pid;

    ck_assert_int_eq(pipe(told), 0);
    wire_out(&other, 1, "[\"task\"]");
    pid = fork();
    if (pid == 0) {
        wire_open(&wire, daemon_.socket);
        take(&wire, 1, "[\"task\"]", 0);
        wire_expect(&wire, 1, TS_OK);
        wire_add_out(&out, 2, "main", "[\"result\"]");
        wire_send(&wire, out.bytes, out.size - 1); /* in mid-frame */
        (void)!write(told[1], "x", 1);
        pause();
    }
    ck_assert_int_eq(read(told[0], &byte, 1), 1);
    kill(pid, SIGKILL);
    wait_for(pid);
    ck_assert_uint_eq(take_back("[\"task\"]"), 1);
    ck_assert_uint_eq(wire_count(daemon_.socket, "[\"result\"]"), 0);
    close(told[0]);
    close(told[1]);
    tried("a_killed_process_gives_back_wherever_it_was", 1);
}
END_TEST

START_TEST(a_tuple_served_to_one_that_is_gone_goes_to_the_next)
{
    struct wire next;

    wire_open(&wire, daemon_.socket);
    take(&wire, 1, "[\"task\"]", UINT64_MAX);
    wire_add_plain(&out, TSD_OP_PING, 2, 0);
    wire_flush(&wire, &out);
    wire_expect(&wire, 2, TS_OK);
    wire_open(&next, daemon_.socket);
    take(&next, 1, "[\"task\"]", UINT64_MAX);
    wire_add_plain(&out, TSD_OP_PING, 2, 0);
    wire_flush(&next, &out);
    wire_expect(&next, 2, TS_OK);
    wire_close(&wire); /* the daemon may or may not have seen it when the tuple comes */
    wire_out(&other, 1, "[\"task\"]");
    wire_expect(&next, 1, TS_OK);
    wire_close(&next);
}
END_TEST

START_TEST(what_was_sent_before_a_full_close_is_done)
{
    wire_connect(&wire, daemon_.socket);
    wire_add_hello(&out);
    wire_add_out(&out, 1, "main", "[\"sent\"]");
    wire_flush(&wire, &out);
    wire_close(&wire); /* without having read anything */
    take(&other, 2, "[\"sent\"]", UINT64_MAX);
    wire_expect(&other, 2, TS_OK);
}
END_TEST

START_TEST(more_than_a_turn_that_was_sent_before_a_full_close_is_done)
{
    enum { REQUESTS = 1500 }; /* less than one read has */
    int status;

    ck_assert_int_eq(kill(daemon_.pid, SIGSTOP), 0); /* so that it all is there at once */
    ck_assert_int_eq(waitpid(daemon_.pid, &status, WUNTRACED), daemon_.pid);
    wire_connect(&wire, daemon_.socket);
    wire_add_hello(&out);
    for (uint64_t number = 1; number < REQUESTS; number++)
        wire_add_out(&out, number, "main", "[\"sent\", 1]");
    wire_add_out(&out, REQUESTS, "main", "[\"last\"]");
    wire_flush(&wire, &out);
    wire_close(&wire);
    ck_assert_int_eq(kill(daemon_.pid, SIGCONT), 0);
    take(&other, 2, "[\"last\"]", UINT64_MAX);
    wire_expect(&other, 2, TS_OK);
    ck_assert_uint_eq(wire_count(daemon_.socket, "[\"sent\", 1]"), REQUESTS - 1);
}
END_TEST

START_TEST(many_requests_are_answered_in_one_go)
{
    enum { REQUESTS = 2000 };

    wire_connect(&wire, daemon_.socket);
    wire_add_hello(&out); /* nobody waits for the welcome */
    for (uint64_t number = 1; number <= REQUESTS; number++)
        wire_add_out(&out, number, "main", "[\"one\", 1]");
    wire_flush(&wire, &out);
    struct frame frame;
    ck_assert(wire_read(&wire, &frame));
    for (uint64_t number = 1; number <= REQUESTS; number++)
        wire_expect(&wire, number, TS_OK);
    wire_close(&wire);
    ck_assert_uint_eq(wire_count(daemon_.socket, "[\"one\", ?]"), REQUESTS);
}
END_TEST

START_TEST(a_timeout_is_answered)
{
    wire_open(&wire, daemon_.socket);
    /* in one write, so that both are read at one instant */
    wire_add_match(&out, TSD_OP_IN, 1, "main", "[\"none\"]", 1);
    wire_add_match(&out, TSD_OP_IN, 2, "main", "[\"none\"]", 0);
    wire_flush(&wire, &out);
    wire_expect(&wire, 2, TS_NOMATCH);
    wire_expect(&wire, 1, TS_TIMEOUT);
    take(&wire, 3, "[\"none\"]", 20000);
    wire_expect(&wire, 3, TS_TIMEOUT);
    wire_close(&wire);
}
END_TEST

/* Sends one end of a pipe along with the bytes; whether the kernel let it. */
static bool send_descriptor(int fd, const void *bytes, size_t size)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {.room = {0}};
    struct iovec piece = {(void *)bytes, size};
    struct msghdr message = {.msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = sizeof(control.room)};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);

    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(head), &fd, sizeof(int));
    return sendmsg(wire.fd, &message, MSG_NOSIGNAL) == (ssize_t)size;
}

START_TEST(descriptors_that_are_passed_along_are_closed)
{
    struct pollfd end;
    int ends[2];
    bool let;

    ck_assert_int_eq(pipe(ends), 0);
    wire_open(&wire, daemon_.socket);
    wire_add_plain(&out, TSD_OP_PING, 1, 0);
    let = send_descriptor(ends[1], out.bytes, out.size);
    if (!let) { /* from Linux 6.16 they do not even arrive */
        ck_assert_int_eq(errno, EPERM);
        wire_send(&wire, out.bytes, out.size);
    }
    wire_expect(&wire, 1, TS_OK);
    close(ends[1]);
    end = (struct pollfd){.fd = ends[0], .events = POLLIN};
    ck_assert_int_eq(poll(&end, 1, 20000), 1); /* nobody has the other end any more */
    ck_assert(end.revents & POLLHUP);
    close(ends[0]);
    wire_close(&wire);
}
END_TEST

START_TEST(out_of_band_bytes_do_no_harm)
{
    wire_open(&wire, daemon_.socket);
    (void)send(wire.fd, "x", 1, MSG_OOB | MSG_NOSIGNAL);
    wire_add_plain(&out, TSD_OP_PING, 1, 0);
    (void)wire_try_send(&wire, out.bytes, out.size);
    wire_close(&wire);
}
END_TEST

START_TEST(clients_come_and_go_in_any_number)
{
    for (int i = 0; i < 500; i++) {
        wire_connect(&wire, daemon_.socket);
        if (i % 3 == 0)
            wire_send(&wire, "\xce\x00", (size_t)(i % 2 + 1));
        wire_close(&wire);
    }
    for (int i = 0; i < 100; i++) {
        wire_open(&wire, daemon_.socket);
        wire_ping(&wire, 1);
        wire_close(&wire);
    }
    tried("clients_come_and_go_in_any_number", 600);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("system/connections");
    TCase *tcase = tcase_create("connections");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, requests_sent_before_a_half_close_are_answered);
    tcase_add_test(tcase, a_half_close_cancels_what_waits);
    tcase_add_test(tcase, a_walk_in_pieces_is_finished_after_a_half_close);
    tcase_add_test(tcase, what_was_not_acknowledged_goes_back);
    tcase_add_test(tcase, what_was_acknowledged_does_not);
    tcase_add_test(tcase, a_goodbye_acknowledges_and_gives_back_uncounted);
    tcase_add_test(tcase, the_acknowledgement_of_a_refused_request_holds);
    tcase_add_test(tcase, a_malformed_frame_gives_back_too);
    tcase_add_test(tcase, a_killed_process_gives_back_wherever_it_was);
    tcase_add_test(tcase, a_tuple_served_to_one_that_is_gone_goes_to_the_next);
    tcase_add_test(tcase, what_was_sent_before_a_full_close_is_done);
    tcase_add_test(tcase, more_than_a_turn_that_was_sent_before_a_full_close_is_done);
    tcase_add_test(tcase, many_requests_are_answered_in_one_go);
    tcase_add_test(tcase, a_timeout_is_answered);
    tcase_add_test(tcase, descriptors_that_are_passed_along_are_closed);
    tcase_add_test(tcase, out_of_band_bytes_do_no_harm);
    tcase_add_test(tcase, clients_come_and_go_in_any_number);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
