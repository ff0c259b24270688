/* SPDX-License-Identifier: MIT */
/*
 * Every scenario against the engine, in virtual time, with its invariants checked after each step.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/scenario.h"
#include "protocol/frame.h"
#include "protocol/reply.h"
#include "space/engine.h"
#include "space/stored.h"

enum { FILES = 512, OWN_USER = 1000 };

struct world {
    struct engine *engine;
    struct effects effects;
    uint64_t now_ns, sessions_made, drawn;
    struct scenario_state state;
    struct buffer frame, told;
    struct pattern_room room;
};

static char files[FILES][256];
static int file_count;

static int party_of(const struct world *world, uint64_t session)
{
    const int party = party_find(&world->state, session);
    ck_assert_msg(party >= 0, "an effect for a session that is not there");
    return party;
}

/* An item of an answer as the wire tells it. */
static void note_item(struct world *world, struct scenario_came *came, const struct effect *effect,
                      const struct effect_item *from)
{
    struct item item = {.id = stored_id(from->tuple), .priority = stored_priority(from->tuple)};
    if (from->detail) {
        const struct effect_detail *detail = &world->effects.details[from->detail - 1];
        item.has = detail->has;
        item.returns = detail->returns;
        item.reason = detail->reason;
        item.exit_status = detail->exit_status;
        item.token = detail->token;
        item.uid = detail->uid;
        item.pid = detail->pid;
        item.program =
            (struct span){world->effects.text.bytes + detail->program, detail->program_size};
        item.state = detail->state;
        item.age_us = detail->age_us;
        item.left_us = detail->left_us;
        item.holder = detail->holder;
    }
    if (effect->item_count > 1) {
        item.has |= ITEM_HAS(OF);
        item.of = from->of;
    }
    scenario_item(&world->state, came, &item);
}

static void note_effect(struct world *world, const struct effect *effect)
{
    const int party = party_of(world, effect->session);
    struct scenario_came *came = scenario_came(&world->state, party, effect->number);
    came->since = effect->since;
    came->at = effect->at;
    came->status = effect->status;
    came->event = effect->kind == EFFECT_EVENT ? effect->event : 0;
    came->value = effect->value;
    if (effect->op == TSD_OP_EXPLAIN && effect->status == TS_OK)
        came->value = scenario_matches(world->effects.text.bytes + effect->text);
    came->delivery = effect->delivery;
    came->alternative = effect->alternative;
    came->more = effect->more || effect->has_next;
    came->repeated = effect->repeated;
    if (effect->delivery)
        world->state.parties[party].deliveries = effect->delivery;
    for (uint32_t i = 0; i < effect->item_count; i++)
        note_item(world, came, effect, &world->effects.items[effect->items + i]);
    for (uint32_t i = 0; i < effect->row_count; i++)
        scenario_row(&world->state, came, &world->effects.rows[effect->rows + i]);
}

/* Returns how many effects it had. */
static uint32_t run_command(struct world *world, const struct command *command)
{
    engine_step(world->engine, world->now_ns, command, &world->effects);
    engine_check(world->engine);
    const uint32_t count = world->effects.count;
    for (uint32_t i = 0; i < count; i++)
        note_effect(world, &world->effects.list[i]);
    effects_clear(world->engine, &world->effects);
    return count;
}

/* What a watch tells first goes on as its client reads: here at once. */
static void read_on(struct world *world, uint64_t session)
{
    while (run_command(world, &(struct command){.kind = COMMAND_READS, .session = session}) > 0)
        ;
}

static void come(struct world *world, const struct scenario_step *step)
{
    const int party = step->session;
    const char name = (char)('a' + party);
    if (world->state.parties[party].there)
        return;
    const uint32_t user = step->user ? step->user : OWN_USER;
    party_comes(&world->state, party, ++world->sessions_made, user);
    run_command(world, &(struct command){.kind = COMMAND_COMES,
                                         .session = world->sessions_made,
                                         .user = user,
                                         .groups = &user,
                                         .group_count = 1,
                                         .administrator = !step->user,
                                         .pid = 100 + (uint32_t)party,
                                         .program = {(const uint8_t *)&name, 1}});
}

/* A request that its form refuses never comes to the engine: its acknowledgement does. */
static void refuse(struct world *world, int party, const struct request *decoded, int error)
{
    struct scenario_came *came = scenario_came(&world->state, party, decoded->number);
    ck_assert_int_ne(error, -TS_PROTOCOL);
    came->status = (enum ts_status) - error;
    run_command(world, &(struct command){.kind = COMMAND_ACK,
                                         .session = world->state.parties[party].session,
                                         .ack = decoded->ack});
}

static void run_request(struct world *world, struct scenario_step *step)
{
    static struct request decoded;
    struct problem problem;
    struct frame frame;
    size_t want;
    const uint64_t session = world->state.parties[step->session].session;
    party_asks(&world->state, step->session, step->unread, &step->request);
    buffer_clear(&world->frame);
    request_encode(&step->request, &world->frame);
    frame_next(world->frame.bytes, world->frame.size, LIMIT_FRAME_BYTES, &frame, &want, &problem);
    world->room.used = 0;
    const int error = request_decode(&frame, &world->room, &decoded, &problem);
    if (error) {
        refuse(world, step->session, &decoded, error);
        return;
    }
    const uint64_t drawn = ++world->drawn;
    run_command(world, &(struct command){.kind = COMMAND_REQUEST,
                                         .session = session,
                                         .ack = decoded.ack,
                                         .random = {drawn * 0x9e3779b97f4a7c15u, ~drawn},
                                         .request = &decoded,
                                         .frame = frame});
    if (decoded.op == TSD_OP_WATCH)
        read_on(world, session);
}

static void run_end(struct world *world, const struct scenario_step *step)
{
    const struct scenario_party *party = &world->state.parties[step->session];
    const bool leaves = step->kind == STEP_LEAVES;
    run_command(world, &(struct command){.kind = COMMAND_ENDS,
                                         .session = party->session,
                                         .ack = leaves ? party->deliveries : 0,
                                         .goodbye = leaves,
                                         .stop = step->kind == STEP_STOPPED});
    party_ends(&world->state, step->session);
}

static void run_alone(struct world *world, const struct scenario_step *step, enum command_kind kind)
{
    const struct scenario_party *party = &world->state.parties[step->session];
    run_command(world, &(struct command){.kind = kind,
                                         .session = party->session,
                                         .ack = kind == COMMAND_ACK ? party->deliveries : 0});
}

static void run_time(struct world *world, const struct scenario_step *step)
{
    const uint64_t end = world->now_ns + step->nanoseconds;
    while (engine_due(world->engine) <= end) {
        if (engine_due(world->engine) > world->now_ns)
            world->now_ns = engine_due(world->engine);
        run_command(world, &(struct command){.kind = COMMAND_TICK});
    }
    world->now_ns = end;
}

static void run_step(struct world *world, struct scenario_step *step)
{
    if (step->kind != STEP_TIME)
        come(world, step);
    switch (step->kind) {
    case STEP_REQUEST:
        run_request(world, step);
        break;
    case STEP_ACK:
        run_alone(world, step, COMMAND_ACK);
        break;
    case STEP_CUT_OFF:
        run_alone(world, step, COMMAND_GAP);
        break;
    case STEP_LEAVES:
    case STEP_DIES:
    case STEP_STOPPED:
        run_end(world, step);
        break;
    case STEP_TIME:
        run_time(world, step);
        break;
    }
}

/* What the engine says of its waiting requests is what has not been answered. */
static void check_waiting(const struct world *world)
{
    for (int i = 0; i < SCENARIO_SESSIONS; i++) {
        const struct scenario_party *party = &world->state.parties[i];
        for (uint64_t number = 1; party->there && number <= party->requests; number++)
            ck_assert_int_eq(engine_waits(world->engine, party->session, number),
                             party->asked[number].open);
    }
}

START_TEST(scenario_holds_for_the_engine)
{
    struct world *world = calloc(1, sizeof *world);
    struct scenario scenario;
    struct scenario_step step;
    world->engine = engine_new(&(struct engine_options){.key = {1, 2}});
    world->state.own_user = OWN_USER;
    ck_assert(scenario_open(&scenario, files[_i]));
    while (scenario_next(&scenario, &world->state, &step)) {
        run_step(world, &step);
        scenario_tell(&scenario, &world->state, &step, &world->told);
        ck_assert_msg(scenario_check(&scenario, &step, &world->told), "%s:%d", files[_i],
                      step.line);
        check_waiting(world);
    }
    scenario_close(&scenario);
    effects_deinit(world->engine, &world->effects);
    engine_free(world->engine);
    buffer_deinit(&world->frame);
    buffer_deinit(&world->told);
    free(world);
}
END_TEST

/* All scenarios, or those that are named. */
int main(int argc, char **argv)
{
    if (argc == 1)
        file_count = scenario_files("tests/scenario", files, FILES);
    for (; file_count < argc - 1 && file_count < FILES; file_count++)
        snprintf(files[file_count], sizeof files[0], "%s", argv[file_count + 1]);
    Suite *suite = suite_create("scenarios, engine");
    TCase *tcase = tcase_create("engine");
    tcase_add_loop_test(tcase, scenario_holds_for_the_engine, 0, file_count);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner) + (file_count == 0);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
