/* SPDX-License-Identifier: MIT */
/*
 * Every scenario against a real daemon, over the wire: the same text, the same answers.
 *
 * The clients ask for positions, by which what came over several connections is put in order. After
 * each step every connection asks a ping, so that all that the step led to has arrived; pings
 * acknowledge nothing new. Time is real: a step of time waits for what it is to bring, and where it
 * brings nothing it does not wait.
 */
#include <check.h>
#include <grp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/daemon.h"
#include "lib/scenario.h"
#include "lib/wire.h"

enum { FILES = 512, PING = 1 << 20 };

struct client {
    struct wire wire;
    uint64_t pings;
};

struct run {
    struct daemon daemon;
    struct client clients[SCENARIO_SESSIONS];
    struct scenario_state state;
    struct buffer out, told;
};

static char files[FILES][256];
static int file_count;

/*
 * Connects as that user, which root may do; the way to the socket is still looked up as root.
 */
static void connect_as(struct wire *wire, const char *path, uint32_t user)
{
    if (user) { /* its only group has the same number */
        ck_assert_int_eq(setgroups(0, NULL), 0);
        ck_assert_int_eq(setegid(user), 0);
        ck_assert_int_eq(seteuid(user), 0);
        setfsuid(0);
    }
    wire_connect(wire, path);
    if (user) {
        ck_assert_int_eq(seteuid(0), 0);
        ck_assert_int_eq(setegid(0), 0);
    }
}

static void come(struct run *run, const struct scenario_step *step)
{
    const int party = step->session;
    const char name = (char)('a' + party);
    const struct hello hello = {
        .version = TSD_PROTOCOL_VERSION, .positions = true, .name = {(const uint8_t *)&name, 1}};
    struct client *client = &run->clients[party];
    struct welcome welcome;
    struct problem problem;
    struct frame frame;
    if (run->state.parties[party].there)
        return;
    *client = (struct client){0};
    connect_as(&client->wire, run->daemon.socket, step->user);
    hello_encode(&hello, &run->out);
    wire_flush(&client->wire, &run->out);
    ck_assert(wire_read(&client->wire, &frame));
    ck_assert_int_eq(welcome_decode(&frame, &welcome, &problem), 0);
    party_comes(&run->state, party, welcome.session, step->user);
}

static struct scenario_came *note(struct run *run, int party, const struct reply *reply)
{
    struct scenario_came *came = scenario_came(&run->state, party, reply->number);
    const struct reply_extras *extras = &reply->extras;
    came->since = extras->since;
    came->at = extras->at;
    came->status = reply->status;
    came->more = (extras->has & REPLY_HAS(NEXT)) || extras->more;
    came->alternative = extras->alternative;
    came->repeated = extras->repeated;
    came->delivery = extras->has & REPLY_HAS(DELIVERY) ? extras->delivery : 0;
    if (came->delivery)
        run->state.parties[party].deliveries = came->delivery;
    return came;
}

/* `ready` has no position of its own: it stands after what was told before it. */
static uint64_t position_before(const struct run *run, const struct scenario_came *came)
{
    for (const struct scenario_came *before = came; before-- > run->state.came;)
        if (before->party == came->party && before->number == came->number)
            return before->at;
    return came->since;
}

static void note_events(struct run *run, int party, const struct reply *reply)
{
    const uint8_t *at = NULL;
    struct event event;
    int more;
    while ((more = reply_next_event(reply, &at, &event)) == 1) {
        struct scenario_came *came = note(run, party, reply);
        came->event = event.kind;
        came->at = event.has_at ? event.at : position_before(run, came);
        if (event.item.tuple.size > 0)
            scenario_item(&run->state, came, &event.item);
    }
    ck_assert_int_eq(more, 0);
}

/* Whether it says that it matches; its items become the result. */
static bool is_explained(struct reply *reply)
{
    struct span map;
    ck_assert_int_eq(reply_split_explained(reply, &map), 0);
    return scenario_matches(map.bytes);
}

static void note_answer(struct run *run, int party, struct reply *reply)
{
    const enum tsd_operation op = run->state.parties[party].asked[reply->number].op;
    const uint8_t *at = NULL;
    struct item item;
    struct space_row row;
    if (reply->status == TS_OK && op == TSD_OP_WATCH) {
        note_events(run, party, reply);
        return;
    }
    struct scenario_came *came = note(run, party, reply);
    if (reply->status != TS_OK)
        return;
    if (op == TSD_OP_ATOMIC)
        came->value = reply->extras.first;
    else if (op == TSD_OP_EXPLAIN)
        came->value = is_explained(reply);
    else if (op == TSD_OP_SPACES)
        while (reply_next_space_row(reply, &at, &row) == 1)
            scenario_row(&run->state, came, &row);
    else
        reply_result_uint(reply, &came->value);
    if (op == TSD_OP_IN || op == TSD_OP_RD || op == TSD_OP_HOLD || op == TSD_OP_SCAN ||
        op == TSD_OP_ATOMIC || op == TSD_OP_EXPLAIN)
        while (reply_next_item(reply, &at, &item) == 1)
            scenario_item(&run->state, came, &item);
}

/* Takes one answer that is there; returns its number. */
static uint64_t take_answer(struct run *run, int party)
{
    struct client *client = &run->clients[party];
    struct frame frame;
    struct problem problem;
    struct reply reply;
    ck_assert(wire_read(&client->wire, &frame));
    ck_assert_int_eq(reply_decode(&frame, &reply, &problem), 0);
    if (reply.number < PING) {
        ck_assert_msg(reply.number > 0 && reply.number <= run->state.parties[party].requests,
                      "an answer to no request");
        note_answer(run, party, &reply);
    }
    return reply.number;
}

static uint64_t send_plain(struct run *run, int party, enum tsd_operation op)
{
    struct client *client = &run->clients[party];
    const uint64_t number = PING + ++client->pings;
    wire_add_plain(&run->out, op, number, run->state.parties[party].acked);
    wire_flush(&client->wire, &run->out);
    return number;
}

/* A ping and all that came before its answer. */
static void catch_up(struct run *run, int party)
{
    if (!run->state.parties[party].there)
        return;
    const uint64_t number = send_plain(run, party, TSD_OP_PING);
    while (take_answer(run, party) != number)
        ;
}

static void send_request(struct run *run, struct scenario_step *step)
{
    party_asks(&run->state, step->session, step->unread, &step->request);
    request_encode(&step->request, &run->out);
    wire_flush(&run->clients[step->session].wire, &run->out);
}

static void acknowledge(struct run *run, int party, enum tsd_operation op)
{
    run->state.parties[party].acked = run->state.parties[party].deliveries;
    send_plain(run, party, op);
}

/* Until the daemon has closed it: then it has put back what is to go back. */
static void end(struct run *run, const struct scenario_step *step)
{
    struct client *client = &run->clients[step->session];
    struct frame frame;
    if (step->kind == STEP_LEAVES)
        acknowledge(run, step->session, TSD_OP_CLOSE);
    shutdown(client->wire.fd, SHUT_WR);
    while (wire_read(&client->wire, &frame))
        ;
    wire_close(&client->wire);
    party_ends(&run->state, step->session);
}

/* How much is to come; that the request itself waits is not told. */
static int expected_pieces(const char *expected)
{
    int count = *expected != 0 && strncmp(expected, "waits", 5) != 0;
    for (; *expected; expected++)
        count += *expected == ';';
    return count;
}

/* Whether an answer, or the beginning of one, has come; waits for that unless one has been read. */
static void wait_for_input(const struct run *run, bool ready[SCENARIO_SESSIONS])
{
    struct pollfd fds[SCENARIO_SESSIONS];
    bool any = false;
    for (int i = 0; i < SCENARIO_SESSIONS; i++) {
        const bool there = run->state.parties[i].there;
        fds[i] = (struct pollfd){there ? run->clients[i].wire.fd : -1, POLLIN, 0};
        ready[i] = there && run->clients[i].wire.in.size > 0;
        any = any || ready[i];
    }
    if (any)
        return;
    ck_assert_int_gt(poll(fds, SCENARIO_SESSIONS, 30000), 0);
    for (int i = 0; i < SCENARIO_SESSIONS; i++)
        ready[i] = fds[i].revents != 0;
}

/* Waits for what is still to come, from whichever connection. */
static void pass_time(struct run *run, const struct scenario_step *step)
{
    const int expected = expected_pieces(step->expected);
    while (run->state.came_count < expected) {
        bool ready[SCENARIO_SESSIONS];
        wait_for_input(run, ready);
        for (int i = 0; i < SCENARIO_SESSIONS; i++)
            if (ready[i])
                take_answer(run, i);
    }
}

static void run_step(struct run *run, struct scenario_step *step)
{
    if (step->kind == STEP_TIME) {
        pass_time(run, step);
        return;
    }
    come(run, step);
    if (step->kind == STEP_REQUEST)
        send_request(run, step);
    else if (step->kind == STEP_ACK)
        acknowledge(run, step->session, TSD_OP_ACK);
    else
        end(run, step);
    catch_up(run, step->session);
    for (int i = 0; i < SCENARIO_SESSIONS; i++)
        if (i != step->session)
            catch_up(run, i);
    if (step->kind != STEP_REQUEST ||
        step->request.op != TSD_OP_SPACES) /* of which each is a piece */
        pass_time(run, step);              /* what is answered in pieces comes later */
}

START_TEST(scenario_holds_for_the_daemon)
{
    struct run *run = calloc(1, sizeof *run);
    struct scenario scenario;
    struct scenario_step step;
    daemon_start(&run->daemon, NULL);
    run->state.own_user = geteuid();
    ck_assert(scenario_open(&scenario, files[_i]));
    scenario.daemon = true;
    scenario.other_users = geteuid() == 0;
    while (scenario_next(&scenario, &run->state, &step)) {
        run_step(run, &step);
        scenario_tell(&scenario, &run->state, &step, &run->told);
        ck_assert_msg(scenario_check(&scenario, &step, &run->told), "%s:%d", files[_i], step.line);
    }
    scenario_close(&scenario);
    for (int i = 0; i < SCENARIO_SESSIONS; i++)
        if (run->state.parties[i].there)
            wire_close(&run->clients[i].wire);
    daemon_stop(&run->daemon);
    buffer_deinit(&run->out);
    buffer_deinit(&run->told);
    free(run);
}
END_TEST

/* All scenarios, or those that are named. */
int main(int argc, char **argv)
{
    if (argc == 1)
        file_count = scenario_files("tests/scenario", files, FILES);
    for (; file_count < argc - 1 && file_count < FILES; file_count++)
        snprintf(files[file_count], sizeof files[0], "%s", argv[file_count + 1]);
    Suite *suite = suite_create("scenarios, daemon");
    TCase *tcase = tcase_create("daemon");
    tcase_set_timeout(tcase, 30);
    tcase_add_loop_test(tcase, scenario_holds_for_the_daemon, 0, file_count);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner) + (file_count == 0);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
