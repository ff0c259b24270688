/* SPDX-License-Identifier: MIT */
/*
 * A real daemon of root's with clients of other users: who sees whom, and disconnects whom, and what
 * is kept for root. Only root can be several users.
 */
#define _GNU_SOURCE

#include <check.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/daemon.h"
#include "lib/tried.h"
#include "system/asking.h"
#include "system/rows.h"

enum { ADA = 7001, BEN = 7002 };

static struct daemon daemon_;
static struct wire root, ada, ben;

/* As that user, whose only group has the same number; the way to the socket is looked up as root. */
static void become(uint32_t user)
{
    ck_assert_int_eq(setgroups(0, NULL), 0);
    ck_assert_int_eq(setegid(user), 0);
    ck_assert_int_eq(seteuid(user), 0);
    setfsuid(0);
}

static void become_root(void)
{
    ck_assert_int_eq(seteuid(0), 0);
    ck_assert_int_eq(setegid(0), 0);
}

static void open_as(struct wire *wire, uint32_t user)
{
    become(user);
    wire_open(wire, daemon_.socket);
    become_root();
}

static void connect_as(struct wire *wire, uint32_t user)
{
    become(user);
    wire_connect(wire, daemon_.socket);
    become_root();
}

static void start(void)
{
    daemon_start(&daemon_, NULL);
    wire_open(&root, daemon_.socket);
    open_as(&ada, ADA);
    open_as(&ben, BEN);
}

static void stop(void)
{
    wire_close(&root);
    wire_close(&ada);
    wire_close(&ben);
    daemon_stop(&daemon_);
    buffer_deinit(&asked);
}

static void list(struct wire *wire, enum tsd_operation op, uint64_t beyond)
{
    struct request request = {.number = 900, .op = op, .has = TSD_HAS(BEYOND), .beyond = beyond};

    request_encode(&request, &asked);
    wire_flush(wire, &asked);
    wire_expect(wire, 900, TS_OK);
    read_rows(wire->reply.result.bytes);
}

/* The newest client of a user, as root sees it. */
static const struct row *client_of(uint32_t user)
{
    list(&root, TSD_OP_CLIENTS, 0);
    for (uint32_t i = row_count; i-- > 0;)
        if (rows[i].values[TSD_CLIENT_USER] == user)
            return &rows[i];
    ck_abort_msg("user %u has no client", user);
}

/* Until a value of it is what it is to be: the daemon has to have seen what was sent. */
static void wait_until(uint32_t user, enum tsd_client key, uint64_t least)
{
    while (client_of(user)->values[key] < least)
        usleep(1000);
}

static void kill_client(struct wire *wire, uint64_t client, enum ts_status status)
{
    struct request request = {.number = 901, .op = TSD_OP_KILL, .target = client};

    request_encode(&request, &asked);
    wire_flush(wire, &asked);
    wire_expect(wire, 901, status);
}

/* The number that it was answered. */
static uint64_t uint_of(const struct wire *wire)
{
    struct value value;

    value_read_trusted(wire->reply.result.bytes, &value);
    return value.u64;
}

static const char lost[] = "disconnected by user 0";

/* ---- Who sees whom ---- */

START_TEST(one_sees_its_own_and_root_all)
{
    struct wire again;

    start();
    open_as(&again, ADA);
    list(&ada, TSD_OP_CLIENTS, 0);
    ck_assert_uint_eq(row_count, 2);
    ck_assert_uint_eq(rows[0].values[TSD_CLIENT_USER], ADA);
    ck_assert_uint_eq(rows[1].values[TSD_CLIENT_USER], ADA);
    ck_assert(rows[0].values[TSD_CLIENT_OWN] && !rows[1].values[TSD_CLIENT_OWN]);
    list(&ben, TSD_OP_CLIENTS, 0);
    ck_assert_uint_eq(row_count, 1);
    list(&root, TSD_OP_CLIENTS, 0);
    ck_assert_uint_eq(row_count, 4);
    list(&root, TSD_OP_CLIENTS, rows[1].number); /* those beyond */
    ck_assert_uint_eq(row_count, 2);
    ck_assert_uint_eq(rows[0].values[TSD_CLIENT_USER], BEN);
    wire_close(&again);
    stop();
}
END_TEST

START_TEST(what_a_client_has_is_told)
{
    struct request will = {.number = 4, .op = TSD_OP_WILL};
    struct buffer out = BUFFER_INIT;
    const struct row *row;

    start();
    wire_out(&ada, 1, "[1]");
    wire_out(&ada, 2, "[2]");
    wire_add_match(&out, TSD_OP_IN, 3, "main", "[1]", 0);
    wire_flush(&ada, &out);
    wire_expect(&ada, 3, TS_OK);
    ask(&ada, &will, NULL, "[9]");
    wire_expect(&ada, 4, TS_OK);
    take_hold(&ada, 5, "[2]", 0, false);
    wire_add_match(&out, TSD_OP_RD, 6, "main", "[8]", UINT64_MAX);
    wire_flush(&ada, &out);
    wire_send(&ada, "\xce\0\0\0\100half", 9); /* a frame of 64 bytes */
    wait_until(ADA, TSD_CLIENT_UNFINISHED, 1);
    row = client_of(ADA);
    ck_assert_uint_eq(row->values[TSD_CLIENT_GROUP], ADA);
    ck_assert_uint_eq(row->values[TSD_CLIENT_PROCESS], (uint64_t)getpid());
    ck_assert_uint_eq(row->values[TSD_CLIENT_REQUESTS], 1);
    ck_assert_uint_eq(row->values[TSD_CLIENT_KEPT], 2);
    ck_assert_uint_eq(row->values[TSD_CLIENT_WILL], 1);
    ck_assert_uint_eq(row->values[TSD_CLIENT_STUCK], 0);
    ck_assert_uint_ge(row->values[TSD_CLIENT_AGE], row->values[TSD_CLIENT_IDLE]);
    request_encode(&(struct request){.number = 7, .op = TSD_OP_KILL, .target = row->number}, &out);
    wire_add_match(&out, TSD_OP_COUNT, 8, "main", "[?]", UINT64_MAX);
    wire_flush(&root, &out); /* in the middle of a frame of it */
    wire_expect(&root, 7, TS_OK);
    ck_assert_uint_eq(uint_of(&root), 2);
    wire_expect(&root, 8, TS_OK); /* all is back before the next request, and the will was put */
    ck_assert_uint_eq(uint_of(&root), 3);
    wire_expect_error(&ada, TS_LOST, lost);
    wire_expect_end(&ada);
    buffer_deinit(&out);
    stop();
}
END_TEST

START_TEST(one_sees_its_own_usage_and_root_all)
{
    struct wire silent;

    start();
    wire_out(&ada, 1, "[1, 2]");
    list(&ada, TSD_OP_USERS, 0);
    ck_assert_uint_eq(row_count, 1);
    ck_assert_uint_eq(rows[0].number, ADA);
    ck_assert_uint_eq(rows[0].values[TSD_USAGE_TUPLES], 1);
    ck_assert_uint_eq(rows[0].values[TSD_USAGE_BYTES], 3);
    ck_assert_uint_eq(rows[0].values[TSD_USAGE_CONNECTIONS], 1);
    connect_as(&silent, 7003); /* which has not sent its opening */
    while (list(&root, TSD_OP_USERS, BEN), row_count == 0)
        usleep(1000);
    ck_assert_uint_eq(rows[0].number, 7003);
    ck_assert_uint_eq(rows[0].values[TSD_USAGE_CONNECTIONS], 1);
    wire_close(&silent);
    wire_close(&ada);
    list(&root, TSD_OP_USERS, 1); /* it has left something */
    ck_assert_uint_eq(rows[0].number, ADA);
    open_as(&ada, ADA);
    stop();
}
END_TEST

/* ---- Who disconnects whom ---- */

START_TEST(another_users_client_is_none)
{
    start();
    const uint64_t number = client_of(BEN)->number;
    kill_client(&ada, number, TS_NOMATCH);
    kill_client(&ada, 123456, TS_NOMATCH);
    wire_ping(&ben, 5);
    list(&ada, TSD_OP_CLIENTS, 0);
    kill_client(&ada, rows[0].number, TS_INVALID); /* its own */
    wire_ping(&ada, 5);
    stop();
}
END_TEST

START_TEST(ones_own_other_client_may_go)
{
    struct wire again;

    start();
    open_as(&again, ADA);
    kill_client(&ada, client_of(ADA)->number, TS_OK);
    ck_assert_uint_eq(uint_of(&ada), 0);
    wire_expect_error(&again, TS_LOST, "disconnected by user 7001");
    wire_expect_end(&again);
    wire_close(&again);
    list(&ada, TSD_OP_CLIENTS, 0);
    ck_assert_uint_eq(row_count, 1);
    stop();
}
END_TEST

/* What was given back by a request of its own before does not go back again. */
START_TEST(what_it_gave_back_itself_is_not_counted)
{
    struct buffer out = BUFFER_INIT;
    struct request release = {.number = 4, .op = TSD_OP_RELEASE, .token_count = 1};
    struct buffer token = BUFFER_INIT;

    start();
    wire_out(&ada, 1, "[1]");
    wire_out(&ada, 2, "[2]");
    wire_add_match(&out, TSD_OP_IN, 3, "main", "[?]", 0);
    wire_flush(&ada, &out);
    wire_expect(&ada, 3, TS_OK);
    token_encode(&(struct token){.delivery = true,
                                 .number = ada.reply.extras.delivery,
                                 .secret = only_item(&ada).id},
                 &token);
    wire_add_match(&out, TSD_OP_IN, 5, "main", "[?]", 0);
    wire_flush(&ada, &out);
    wire_expect(&ada, 5, TS_OK);
    release.tokens = (struct span){token.bytes, (uint32_t)token.size};
    request_encode(&release, &out);
    wire_flush(&ada, &out);
    wire_expect(&ada, 4, TS_OK);
    ck_assert_uint_eq(client_of(ADA)->values[TSD_CLIENT_KEPT], 1);
    kill_client(&root, client_of(ADA)->number, TS_OK);
    ck_assert_uint_eq(uint_of(&root), 1);
    buffer_deinit(&out);
    buffer_deinit(&token);
    stop();
}
END_TEST

START_TEST(one_that_waits_is_told)
{
    struct buffer out = BUFFER_INIT;

    start();
    wire_add_match(&out, TSD_OP_IN, 1, "main", "[1]", UINT64_MAX);
    wire_flush(&ada, &out);
    wait_until(ADA, TSD_CLIENT_REQUESTS, 1);
    kill_client(&root, client_of(ADA)->number, TS_OK);
    wire_out(&root, 2, "[1]");
    ck_assert_uint_eq(wire_count(daemon_.socket, "[1]"), 1); /* nobody takes it */
    wire_expect_error(&ada, TS_LOST, lost);
    buffer_deinit(&out);
    stop();
}
END_TEST

START_TEST(one_that_has_not_said_who_it_is_goes_too)
{
    struct wire silent;

    start();
    connect_as(&silent, 7003);
    while (list(&root, TSD_OP_CLIENTS, 0), row_count < 4)
        usleep(1000);
    kill_client(&root, client_of(7003)->number, TS_OK);
    ck_assert_uint_eq(uint_of(&root), 0);
    wire_expect_error(&silent, TS_LOST, lost);
    wire_close(&silent);
    stop();
}
END_TEST

/* Its socket takes no more: it is stuck, and ends none the less. */
START_TEST(one_that_does_not_read_goes_too)
{
    struct buffer out = BUFFER_INIT;
    char *tuple = malloc(200001);

    start();
    (void)snprintf(tuple, 200000, "[\"%0*d\"]", 199000, 0);
    wire_out(&ada, 1, tuple);
    for (uint64_t number = 2; number < 40; number++)
        wire_add_match(&out, TSD_OP_RD, number, "main", "[?]", 0);
    wire_flush(&ada, &out);
    wait_until(ADA, TSD_CLIENT_STUCK, 1);
    ck_assert_uint_gt(client_of(ADA)->values[TSD_CLIENT_UNREAD], 0);
    kill_client(&root, client_of(ADA)->number, TS_OK);
    kill_client(&root, client_of(BEN)->number, TS_OK);
    list(&root, TSD_OP_CLIENTS, 0);
    ck_assert_uint_eq(row_count, 1); /* it is nobody's any more, though it has not read that */
    wire_expect_error(&ben, TS_LOST, lost);
    free(tuple);
    buffer_deinit(&out);
    stop();
}
END_TEST

/* ---- The reserve ---- */

/* Whether it is welcomed; else it is told of the limit. */
static bool gets_in(struct wire *wire, uint32_t user)
{
    struct welcome welcome;
    struct problem problem;
    struct frame frame;
    struct reply reply;

    connect_as(wire, user);
    wire_add_hello(&asked);
    (void)wire_try_send(wire, asked.bytes, asked.size); /* it may be refused by now */
    buffer_clear(&asked);
    ck_assert(wire_read(wire, &frame));
    if (welcome_decode(&frame, &welcome, &problem) == 0)
        return true;
    ck_assert_int_eq(reply_decode(&frame, &reply, &problem), 0);
    ck_assert_int_eq(reply.status, TS_LIMIT);
    wire_close(wire);
    return false;
}

START_TEST(root_gets_in_when_another_has_all_connections)
{
    enum { ALL = 16, RESERVED = ALL / 8 };
    struct wire many[ALL], next, again;
    uint32_t count = 0;
    int status;

    daemon_prepare(&daemon_);
    daemon_.descriptors = 2 * ALL; /* so few that half of them are not for connections */
    ck_assert(daemon_try(&daemon_, NULL, &status));
    while (count < ALL && gets_in(&many[count], ADA))
        count++;
    ck_assert_uint_eq(count, ALL - RESERVED);
    tried("root_gets_in_when_another_has_all_connections", count + 2);
    ck_assert(!gets_in(&next, BEN));
    wire_open(&root, daemon_.socket);
    wire_open(&again, daemon_.socket);
    kill_client(&root, client_of(ADA)->number, TS_OK);
    wire_expect_error(&many[--count], TS_LOST, lost);
    wire_close(&many[count]);
    while (count > 0)
        wire_close(&many[--count]);
    wire_close(&root);
    wire_close(&again);
    buffer_deinit(&asked);
    daemon_stop(&daemon_);
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("people");
    TCase *tcase = tcase_create("people");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, one_sees_its_own_and_root_all);
    tcase_add_test(tcase, what_a_client_has_is_told);
    tcase_add_test(tcase, one_sees_its_own_usage_and_root_all);
    tcase_add_test(tcase, another_users_client_is_none);
    tcase_add_test(tcase, ones_own_other_client_may_go);
    tcase_add_test(tcase, what_it_gave_back_itself_is_not_counted);
    tcase_add_test(tcase, one_that_waits_is_told);
    tcase_add_test(tcase, one_that_has_not_said_who_it_is_goes_too);
    tcase_add_test(tcase, one_that_does_not_read_goes_too);
    tcase_add_test(tcase, root_gets_in_when_another_has_all_connections);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner;
    int failed;

    if (geteuid() != 0) {
        (void)puts("only root can be several users");
        return 77;
    }
    runner = srunner_create(suite());
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
