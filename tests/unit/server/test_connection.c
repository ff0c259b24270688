/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fault.h"
#include "protocol/reply.h"
#include "server/connection.h"

static uv_loop_t loop;
static struct clock clock_;
static struct limits limits;
static struct users users;
static struct connections connections;
static struct peer peer = {.uid = 1000, .gid = 1000, .pid = 1};
static struct problem problem;
static int ends[2];

static void on_ready(uv_poll_t *poll, int status, int events)
{
    (void)poll;
    (void)status;
    (void)events;
}

static void setup(void)
{
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    limits_init(&limits);
    users_init(&users);
    connections =
        (struct connections){.loop = &loop, .ready = on_ready, .clock = &clock_, .limits = &limits};
    connections_init(&connections);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
}

static void teardown(void)
{
    uv_run(&loop, UV_RUN_NOWAIT);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
    connections_deinit(&connections);
    users_deinit(&users); /* asserts that nobody is charged any more */
    close(ends[1]);
}

static struct connection *make(void)
{
    struct connection *connection = connection_new(&connections, ends[0], &peer, &users, &problem);

    ck_assert_ptr_nonnull(connection);
    return connection;
}

START_TEST(a_connection_is_found_by_its_number_until_it_is_closed)
{
    struct connection *connection = make();
    uint64_t id = connection->id;

    ck_assert_uint_ge(id, 1);
    ck_assert_ptr_eq(connections_find(&connections, id), connection);
    ck_assert_ptr_null(connections_find(&connections, id + 1));
    /* the same low bits: another number all the same */
    ck_assert_ptr_null(connections_find(&connections, id + ((uint64_t)1 << 32)));
    connection_close(connection);
    ck_assert_ptr_null(connections_find(&connections, id));
    ck_assert_uint_eq(connections_count(&connections), 0);
    ck_assert_int_lt(fcntl(ends[0], F_GETFD), 0); /* the descriptor is closed */
}
END_TEST

START_TEST(without_memory_there_is_none_and_the_descriptor_stays_the_callers)
{
    struct connection *connection = NULL;

    for (size_t n = 1; !connection; n++) {
        ck_assert_uint_lt(n, 20);
        fault_set(n);
        connection = connection_new(&connections, ends[0], &peer, &users, &problem);
        fault_set(0);
        if (!connection) {
            ck_assert_int_eq(problem.status, TS_NO_MEMORY);
            ck_assert_int_ge(fcntl(ends[0], F_GETFD), 0);
            ck_assert_uint_eq(connections_count(&connections), 0);
            ck_assert_uint_eq(table_count(&users.by_uid), 0);
            ck_assert_uint_eq(deadlines_next(&connections.opening), UINT64_MAX);
        }
    }
    connection_close(connection);
}
END_TEST

START_TEST(past_the_users_limit_there_is_none)
{
    struct connection *connection;
    int more[2];

    users.limits[SLOT_CONNECTIONS] = 1;
    connection = make();
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, more), 0);
    ck_assert_ptr_null(connection_new(&connections, more[0], &peer, &users, &problem));
    ck_assert_int_eq(problem.status, TS_LIMIT);
    ck_assert_ptr_nonnull(strstr(problem.text, "user-connections"));
    connection_close(connection); /* from then on there is room, though libuv still has it */
    connection = connection_new(&connections, more[0], &peer, &users, &problem);
    ck_assert_ptr_nonnull(connection);
    connection_close(connection);
    close(more[1]);
}
END_TEST

START_TEST(the_more_urgent_end_counts)
{
    struct connection *connection = make();

    connection_end(connection, END_ERROR);
    connection_end(connection, END_EOF);
    ck_assert_int_eq(connection->end, END_ERROR);
    connection_end(connection, END_GONE);
    ck_assert_int_eq(connection->end, END_GONE);
    ck_assert_ptr_eq(TAILQ_FIRST(&connections.ending), connection);
    ck_assert_ptr_null(TAILQ_NEXT(connection, ending)); /* marked once */
    connection_close(connection);
    ck_assert(TAILQ_EMPTY(&connections.ending));
}
END_TEST

START_TEST(closing_takes_it_out_of_every_queue)
{
    struct connection *connection = make();

    connection_dirty(connection);
    connection_dirty(connection);
    connection_backlog(connection);
    connection_end(connection, END_EOF);
    connection_close(connection);
    ck_assert(TAILQ_EMPTY(&connections.dirty));
    ck_assert(TAILQ_EMPTY(&connections.backlog));
    ck_assert(TAILQ_EMPTY(&connections.ending));
    ck_assert_uint_eq(deadlines_next(&connections.opening), UINT64_MAX);
    /* until libuv lets go a late mark does nothing */
    connection_dirty(connection);
    connection_end(connection, END_GONE);
    ck_assert(TAILQ_EMPTY(&connections.dirty));
}
END_TEST

START_TEST(an_error_frame_is_the_last)
{
    struct connection *connection = make();
    struct problem first, second;
    struct frame frame;
    struct reply reply;
    struct span text;
    size_t want, size;

    problem_set(&first, TS_PROTOCOL, 0, "the first");
    problem_set(&second, TS_LIMIT, 0, "the second");
    connection_fail(connection, &first);
    size = connection->outbox.copied.size;
    connection_fail(connection, &second);
    ck_assert_uint_eq(connection->outbox.copied.size, size);
    ck_assert_int_eq(
        frame_next(connection->outbox.copied.bytes, size, 1000, &frame, &want, &problem), size);
    ck_assert_int_eq(reply_decode(&frame, &reply, &problem), 0);
    ck_assert_uint_eq(reply.number, 0);
    ck_assert_int_eq(reply.status, TS_PROTOCOL);
    ck_assert_int_eq(reply_result_text(&reply, &text), 0);
    ck_assert_uint_eq(text.size, strlen("the first"));
    ck_assert(!connection_is_served(connection));
    connection_close(connection);
}
END_TEST

START_TEST(it_is_polled_for_what_it_needs)
{
    struct connection *connection = make();

    ck_assert_int_eq(connection->watched, UV_READABLE);
    connection->blocked = true;
    connection_watch(connection);
    ck_assert_int_eq(connection->watched, UV_READABLE | UV_WRITABLE);
    connection->paused = true;
    connection_watch(connection);
    ck_assert_int_eq(connection->watched, UV_WRITABLE);
    connection->blocked = connection->paused = false;
    connection->eof = true;
    connection_watch(connection);
    ck_assert_int_eq(connection->watched, 0);
    connection_close(connection);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("server/connection");
    TCase *tcase = tcase_create("connection");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_connection_is_found_by_its_number_until_it_is_closed);
    tcase_add_test(tcase, without_memory_there_is_none_and_the_descriptor_stays_the_callers);
    tcase_add_test(tcase, past_the_users_limit_there_is_none);
    tcase_add_test(tcase, the_more_urgent_end_counts);
    tcase_add_test(tcase, closing_takes_it_out_of_every_queue);
    tcase_add_test(tcase, an_error_frame_is_the_last);
    tcase_add_test(tcase, it_is_polled_for_what_it_needs);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
