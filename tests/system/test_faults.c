/* SPDX-License-Identifier: MIT */
/*
 * System calls that fail under a real daemon, by strace's fault injection: who it concerns is told or
 * disconnected, and nobody else notices. What does not end is not tried again without a pause: the
 * calls are counted.
 */
#include <check.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/daemon.h"
#include "lib/tried.h"
#include "lib/wire.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

enum { ACCEPTS = 4, REST_MS = 100 }; /* as the listener has them */

static struct daemon daemon_;
static struct wire other; /* who is not to notice anything */
static struct wire wire;
static struct buffer out;
static char trace[128]; /* the file that strace writes */

/* A daemon whose calls fail as `inject` says, strace's own words. */
static void start(const char *inject)
{
    char expression[128], traced[128];
    const char *const under[] = {"strace", "-D", "-o", trace, "-e", traced, "-e", expression, NULL};
    const char *const options[] = {"--log-level", "err", NULL};
    int status;

    (void)snprintf(trace, sizeof trace, "%s/trace.%d", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp",
                   (int)getpid());
    (void)snprintf(expression, sizeof expression, "inject=%s", inject);
    (void)snprintf(traced, sizeof traced, "trace=%.*s", (int)strcspn(inject, ":"), inject);
    daemon_prepare(&daemon_);
    daemon_.under = under;
    ck_assert_msg(daemon_try(&daemon_, options, &status), "it does not start under %s", inject);
}

/* How often the traced call was made; all of them are written once the process is gone. */
static unsigned calls(void)
{
    unsigned count = 0;
    bool ended = false;

    while (!ended) {
        char line[512];
        FILE *file = fopen(trace, "re");

        ck_assert_ptr_nonnull(file);
        for (count = 0; fgets(line, sizeof line, file); count += strncmp(line, "--- ", 4) != 0)
            ended = strncmp(line, "+++ ", 4) == 0;
        (void)fclose(file);
        if (!ended)
            poll(NULL, 0, 1);
    }
    unlink(trace);
    return count - 1;
}

static unsigned stop(void)
{
    wire_ping(&other, 1000000);
    wire_close(&other);
    buffer_deinit(&out);
    daemon_stop(&daemon_);
    return calls();
}

/* Which of a daemon's calls is the last that a second client makes by coming. */
static unsigned call_for_second(const char *call)
{
    char inject[64];

    (void)snprintf(inject, sizeof inject, "%s:error=EIO:when=60000", call);
    start(inject);
    wire_open(&other, daemon_.socket);
    wire_connect(&wire, daemon_.socket);
    wire_ping(&other, 1);
    wire_ping(&other, 2);
    daemon_kill(&daemon_);
    daemon_clean(&daemon_);
    wire_close(&wire);
    wire_close(&other);
    return calls();
}

static const char *const accept_errors[] = {"ECONNABORTED", "EINTR",  "EPERM",  "EPROTO",
                                            "EMFILE",       "ENFILE", "ENOMEM", "ENOBUFS"};

START_TEST(who_could_not_be_accepted_is_accepted_later)
{
    char inject[64];

    tried("who_could_not_be_accepted_is_accepted_later", COUNT(accept_errors));
    (void)snprintf(inject, sizeof inject, "accept4:error=%s:when=1..3", accept_errors[_i]);
    start(inject);
    wire_open(&other, daemon_.socket);
    wire_open(&wire, daemon_.socket);
    wire_ping(&wire, 1);
    wire_close(&wire);
    ck_assert_uint_le(stop(),
                      12); /* three in vain, two clients, and each time that there is none */
}
END_TEST

static uint64_t now_ms(void)
{
    struct timespec now;

    ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

START_TEST(where_nobody_can_be_accepted_it_tries_now_and_then)
{
    const uint64_t begun_ms = now_ms();
    struct pollfd ready;
    char inject[64];
    uint64_t most;

    tried("where_nobody_can_be_accepted_it_tries_now_and_then", COUNT(accept_errors));
    (void)snprintf(inject, sizeof inject, "accept4:error=%s:when=3+", accept_errors[_i]);
    start(inject);
    wire_open(&other, daemon_.socket); /* the first call; the second finds nobody */
    wire_connect(&wire, daemon_.socket);
    for (uint64_t number = 1; number <= 50; number++)
        wire_ping(&other, number);
    ready = (struct pollfd){.fd = wire.fd, .events = POLLIN};
    ck_assert_int_eq(poll(&ready, 1, 5 * REST_MS), 0);
    most = 3 + ACCEPTS * (2 + (now_ms() - begun_ms) / REST_MS);
    ck_assert_uint_le(stop(), most);
    wire_close(&wire);
}
END_TEST

START_TEST(who_has_no_credentials_is_refused)
{
    char inject[64];

    tried("who_has_no_credentials_is_refused", 1);
    (void)snprintf(inject, sizeof inject, "getsockopt:error=ENOTCONN:when=%u",
                   call_for_second("getsockopt"));
    start(inject);
    wire_open(&other, daemon_.socket);
    wire_connect(&wire, daemon_.socket);
    wire_expect_error(&wire, TS_DENIED, "credentials");
    wire_close(&wire);
    wire_open(&wire, daemon_.socket);
    wire_close(&wire);
    stop();
}
END_TEST

START_TEST(who_cannot_be_watched_is_refused)
{
    const unsigned last = call_for_second("epoll_ctl");
    char inject[64];

    tried("who_cannot_be_watched_is_refused", 1);
    /* the first of a client's four: libuv tries it, takes it back twice, and then watches */
    (void)snprintf(inject, sizeof inject, "epoll_ctl:error=ENOSPC:when=%u", last - 3);
    start(inject);
    wire_open(&other, daemon_.socket);
    wire_connect(&wire, daemon_.socket);
    wire_expect_error(&wire, TS_LIMIT, "watch");
    wire_close(&wire);
    wire_open(&wire, daemon_.socket);
    wire_close(&wire);
    stop();
}
END_TEST

/* The answer to the `in` below is the fourth that is written by sendto. */
static const char *const passing[] = {
    "sendto:error=EAGAIN:when=4..7", "sendto:error=EINTR:when=4..7",
    "recvfrom:error=EAGAIN:when=3..6", "recvfrom:error=EINTR:when=3..6"};

static void ask_for_task(void)
{
    wire_open(&other, daemon_.socket);
    wire_out(&other, 1, "[\"task\"]");
    wire_open(&wire, daemon_.socket);
    wire_add_match(&out, TSD_OP_IN, 2, "main", "[\"task\"]", 0);
    wire_flush(&wire, &out);
}

START_TEST(what_passes_is_tried_again)
{
    tried("what_passes_is_tried_again", COUNT(passing));
    start(passing[_i]);
    ask_for_task();
    wire_expect(&wire, 2, TS_OK);
    wire_close(&wire);
    ck_assert_uint_le(stop(), 40);
}
END_TEST

static const char *const final[] = {
    "sendto:error=EPIPE:when=4",        "sendto:error=ECONNRESET:when=4",
    "sendto:error=ENOMEM:when=4",       "sendto:error=ENOBUFS:when=4",
    "recvfrom:error=ECONNRESET:when=8", "recvfrom:error=ENOMEM:when=8",
    "recvfrom:error=EIO:when=8"};

START_TEST(who_cannot_be_written_to_or_read_from_is_gone)
{
    struct item item = {0};
    const uint8_t *p = NULL;
    struct frame frame;

    tried("who_cannot_be_written_to_or_read_from_is_gone", COUNT(final));
    start(final[_i]);
    ask_for_task();
    while (wire_read(&wire, &frame)) { /* it may get its tuple, and be lost later */
        wire_add_plain(&out, TSD_OP_PING, 3, 0);
        (void)wire_try_send(&wire, out.bytes, out.size);
        buffer_clear(&out);
    }
    wire_close(&wire);
    wire_add_match(&out, TSD_OP_IN, 1, "main", "[\"task\"]", UINT64_MAX);
    wire_flush(&other, &out);
    wire_expect(&other, 1, TS_OK);
    ck_assert_int_eq(reply_next_item(&other.reply, &p, &item), 1);
    ck_assert_uint_eq(item.returns, 1);
    stop();
}
END_TEST

int main(void)
{
    if (system("strace -D -o /dev/null -e inject=accept4:error=EMFILE:when=9 true 2>/dev/null")) {
        (void)puts("strace is not here, or may not trace");
        return 77;
    }
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1); /* looking for leaks traces, too */
    Suite *suite = suite_create("system/faults");
    TCase *tcase = tcase_create("faults");
    SRunner *runner = srunner_create(suite);

    tcase_add_loop_test(tcase, who_could_not_be_accepted_is_accepted_later, 0,
                        COUNT(accept_errors));
    tcase_add_loop_test(tcase, where_nobody_can_be_accepted_it_tries_now_and_then, 0,
                        COUNT(accept_errors));
    tcase_add_test(tcase, who_has_no_credentials_is_refused);
    tcase_add_test(tcase, who_cannot_be_watched_is_refused);
    tcase_add_loop_test(tcase, what_passes_is_tried_again, 0, COUNT(passing));
    tcase_add_loop_test(tcase, who_cannot_be_written_to_or_read_from_is_gone, 0, COUNT(final));
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
