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
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/daemon.h"
#include "lib/scenario.h"
#include "lib/wire.h"

enum { SESSIONS = 26, FILES = 256, ANSWERS = 64, PING = 1 << 20 };

struct came {
    int session;
    uint64_t number, at;
    bool several;
    struct reply reply; /* its bytes are in `frame` */
    struct buffer frame;
    enum tsd_operation op;
};

struct client {
    struct wire wire;
    bool there;
    uint64_t requests, deliveries, acked, pings, waiting;
    enum tsd_operation ops[256]; /* of its requests, by number */
};

struct run {
    struct daemon daemon;
    struct client clients[SESSIONS];
    struct scenario_names names;
    struct came came[ANSWERS];
    int came_count;
    struct buffer out, trace;
};

static char files[FILES][256];
static int file_count;

static void come(struct run *run, int session)
{
    struct client *client = &run->clients[session];
    const struct hello hello = {.version = TSD_PROTOCOL_VERSION, .positions = true};
    struct frame frame;
    if (client->there)
        return;
    *client = (struct client){.there = true};
    wire_connect(&client->wire, run->daemon.socket);
    hello_encode(&hello, &run->out);
    wire_flush(&client->wire, &run->out);
    ck_assert(wire_read(&client->wire, &frame));
}

/* Takes one answer that is there; returns its number. */
static uint64_t take_answer(struct run *run, int session)
{
    struct client *client = &run->clients[session];
    struct frame frame;
    struct problem problem;
    struct reply reply;
    ck_assert(wire_read(&client->wire, &frame));
    ck_assert_int_eq(reply_decode(&frame, &reply, &problem), 0);
    if (reply.number >= PING)
        return reply.number;
    ck_assert_int_lt(run->came_count, ANSWERS);
    struct came *came = &run->came[run->came_count++];
    *came = (struct came){.session = session,
                          .number = reply.number,
                          .at = reply.extras.at,
                          .op = client->ops[reply.number % 256]};
    came->several = client->waiting > 1;
    buffer_append(&came->frame, frame.body, frame.size);
    reply_decode(&(struct frame){came->frame.bytes, came->frame.size}, &came->reply, &problem);
    if (reply.extras.has & REPLY_HAS(DELIVERY))
        client->deliveries = reply.extras.delivery;
    return reply.number;
}

/* A ping and all that came before its answer. */
static void catch_up(struct run *run, int session)
{
    struct client *client = &run->clients[session];
    if (!client->there)
        return;
    const uint64_t number = PING + ++client->pings;
    wire_add_plain(&run->out, TSD_OP_PING, number, client->acked);
    wire_flush(&client->wire, &run->out);
    while (take_answer(run, session) != number)
        ;
}

static void send_request(struct run *run, struct scenario_step *step)
{
    struct client *client = &run->clients[step->session];
    step->request.number = ++client->requests;
    step->request.ack = client->acked = client->deliveries;
    client->ops[step->request.number % 256] = step->request.op;
    request_encode(&step->request, &run->out);
    wire_flush(&client->wire, &run->out);
}

static void send_plain(struct run *run, int session, enum tsd_operation op)
{
    struct client *client = &run->clients[session];
    client->acked = client->deliveries;
    wire_add_plain(&run->out, op, PING + ++client->pings, client->acked);
    wire_flush(&client->wire, &run->out);
}

/* Until the daemon has closed it: then it has put back what is to go back. */
static void end(struct run *run, const struct scenario_step *step)
{
    struct client *client = &run->clients[step->session];
    struct frame frame;
    if (step->kind == STEP_LEAVES)
        send_plain(run, step->session, TSD_OP_CLOSE);
    shutdown(client->wire.fd, SHUT_WR);
    while (wire_read(&client->wire, &frame))
        ;
    wire_close(&client->wire);
    client->there = false;
}

static int expected_answers(const char *expected)
{
    int count = *expected != 0;
    for (; *expected; expected++)
        count += *expected == ';';
    return count;
}

/* Whether an answer, or the beginning of one, has come; waits for that unless one has been read. */
static void wait_for_input(const struct run *run, bool ready[SESSIONS])
{
    struct pollfd fds[SESSIONS];
    bool any = false;
    for (int i = 0; i < SESSIONS; i++) {
        const struct client *client = &run->clients[i];
        fds[i] = (struct pollfd){client->there ? client->wire.fd : -1, POLLIN, 0};
        ready[i] = client->there && client->wire.in.size > 0;
        any = any || ready[i];
    }
    if (any)
        return;
    ck_assert_int_gt(poll(fds, SESSIONS, 30000), 0);
    for (int i = 0; i < SESSIONS; i++)
        ready[i] = fds[i].revents != 0;
}

/* Waits for the answers that the time brings, from whichever connection. */
static void pass_time(struct run *run, const struct scenario_step *step)
{
    const int expected = expected_answers(step->expected);
    while (run->came_count < expected) {
        bool ready[SESSIONS];
        wait_for_input(run, ready);
        for (int i = 0; i < SESSIONS; i++)
            if (ready[i])
                take_answer(run, i);
    }
}

static int by_position(const void *a, const void *b)
{
    const struct came *one = a, *other = b;
    return (one->at > other->at) - (one->at < other->at);
}

static void print_came(struct run *run, const struct came *came, const struct scenario_step *step)
{
    static struct item items[LIMIT_UNIT_TUPLES];
    static struct space_row rows[64];
    struct scenario_answer answer = {.session = came->session,
                                     .number = came->number,
                                     .own = step->kind == STEP_REQUEST &&
                                            came->session == step->session &&
                                            came->number == step->request.number,
                                     .several = came->several,
                                     .op = came->op,
                                     .status = came->reply.status,
                                     .items = items,
                                     .rows = rows};
    const uint8_t *at = NULL;
    const bool ok = answer.status == TS_OK;
    const bool has_items =
        came->op == TSD_OP_IN || came->op == TSD_OP_RD || came->op == TSD_OP_SCAN;
    if (ok && (came->op == TSD_OP_OUT || came->op == TSD_OP_COUNT))
        reply_result_uint(&came->reply, &answer.value);
    while (ok && has_items && reply_next_item(&came->reply, &at, &items[answer.item_count]) == 1)
        answer.item_count++;
    while (ok && came->op == TSD_OP_SPACES &&
           reply_next_space_row(&came->reply, &at, &rows[answer.row_count]) == 1)
        answer.row_count++;
    answer.more = (came->reply.extras.has & REPLY_HAS(NEXT)) || came->reply.extras.more;
    scenario_print(&run->trace, &run->names, &answer, step);
}

/* Puts together what came: the step's own answer first, but a cancel's after the cancelled one's. */
static void print_all(struct run *run, const struct scenario_step *step)
{
    const struct came *own = NULL;
    qsort(run->came, (size_t)run->came_count, sizeof run->came[0], by_position);
    for (int i = 0; i < run->came_count && step->kind == STEP_REQUEST; i++)
        if (run->came[i].session == step->session && run->came[i].number == step->request.number)
            own = &run->came[i];
    const bool own_last = own && own->op == TSD_OP_CANCEL;
    if (own && !own_last)
        print_came(run, own, step);
    if (!own && step->kind == STEP_REQUEST)
        buffer_printf(&run->trace, " waits");
    for (int i = 0; i < run->came_count; i++)
        if (&run->came[i] != own)
            print_came(run, &run->came[i], step);
    if (own_last)
        print_came(run, own, step);
}

/* What waits of each session, for the next step. */
static void count_waiting(struct run *run, const struct scenario_step *step)
{
    if (step->kind == STEP_REQUEST)
        run->clients[step->session].waiting++;
    for (int i = 0; i < run->came_count; i++) {
        run->clients[run->came[i].session].waiting--;
        buffer_deinit(&run->came[i].frame);
    }
    run->came_count = 0;
}

static void run_step(struct run *run, struct scenario_step *step)
{
    buffer_clear(&run->trace);
    if (step->kind != STEP_TIME)
        come(run, step->session);
    if (step->kind == STEP_REQUEST)
        send_request(run, step);
    else if (step->kind == STEP_ACK)
        send_plain(run, step->session, TSD_OP_ACK);
    else if (step->kind == STEP_TIME)
        pass_time(run, step);
    else
        end(run, step);
    if (step->kind != STEP_TIME) {
        catch_up(run, step->session);
        for (int i = 0; i < SESSIONS; i++)
            if (i != step->session)
                catch_up(run, i);
    }
    print_all(run, step);
    count_waiting(run, step);
}

START_TEST(scenario_holds_for_the_daemon)
{
    struct run *run = calloc(1, sizeof *run);
    struct scenario scenario;
    struct scenario_step step;
    daemon_start(&run->daemon, NULL);
    ck_assert(scenario_open(&scenario, files[_i]));
    while (scenario_next(&scenario, &run->names, &step)) {
        run_step(run, &step);
        ck_assert_msg(scenario_check(&scenario, &step, &run->trace), "%s:%d", files[_i], step.line);
    }
    scenario_close(&scenario);
    for (int i = 0; i < SESSIONS; i++)
        if (run->clients[i].there)
            wire_close(&run->clients[i].wire);
    daemon_stop(&run->daemon);
    buffer_deinit(&run->out);
    buffer_deinit(&run->trace);
    free(run);
}
END_TEST

int main(void)
{
    file_count = scenario_files("tests/scenario", files, FILES);
    Suite *suite = suite_create("scenarios, daemon");
    TCase *tcase = tcase_create("daemon");
    tcase_add_loop_test(tcase, scenario_holds_for_the_daemon, 0, file_count);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner) + (file_count == 0);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
