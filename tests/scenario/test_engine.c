/* SPDX-License-Identifier: MIT */
/*
 * Every scenario against the engine, in virtual time, with its invariants checked after each step.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lib/scenario.h"
#include "protocol/frame.h"
#include "protocol/reply.h"
#include "space/engine.h"
#include "space/stored.h"

enum { SESSIONS = 26, FILES = 256 };

struct world {
    struct engine *engine;
    struct effects effects;
    uint64_t now_ns, sessions_made;
    uint64_t sessions[SESSIONS]; /* the engine's numbers; 0: not there */
    uint64_t requests[SESSIONS], deliveries[SESSIONS];
    struct scenario_names names;
    struct buffer frame, trace;
    struct pattern_room room;
};

static char files[FILES][256];
static int file_count;

static int session_named(const struct world *world, uint64_t number)
{
    for (int i = 0; i < SESSIONS; i++)
        if (world->sessions[i] == number)
            return i;
    ck_abort_msg("an effect for a session that is not there");
}

static void print_effect(struct world *world, const struct effect *effect,
                         const struct scenario_step *step, bool several)
{
    static struct item items[LIMIT_UNIT_TUPLES];
    const int session = session_named(world, effect->session);
    for (uint32_t i = 0; i < effect->item_count; i++) {
        const struct stored *tuple = world->effects.items[effect->items + i].tuple;
        items[i] = (struct item){.id = tuple->id, .returns = tuple->returns};
    }
    if (effect->delivery)
        world->deliveries[session] = effect->delivery;
    const struct scenario_answer answer = {
        .session = session,
        .number = effect->number,
        .own = step->kind == STEP_REQUEST && session == step->session &&
               effect->number == world->requests[session],
        .several = several,
        .op = effect->op,
        .status = effect->status,
        .value = effect->value,
        .more = effect->more || effect->has_next,
        .item_count = effect->item_count,
        .items = items,
        .row_count = effect->row_count,
        .rows = world->effects.rows + effect->rows,
    };
    scenario_print(&world->trace, &world->names, &answer, step);
}

/* How many requests of the effect's session waited before the step. */
static void run_command(struct world *world, const struct command *command,
                        const struct scenario_step *step)
{
    uint64_t waiting[SESSIONS];
    for (int i = 0; i < SESSIONS; i++)
        waiting[i] = engine_waiting(world->engine, world->sessions[i]);
    engine_step(world->engine, world->now_ns, command, &world->effects);
    engine_check(world->engine);
    for (uint32_t i = 0; i < world->effects.count; i++) {
        const struct effect *effect = &world->effects.list[i];
        print_effect(world, effect, step, waiting[session_named(world, effect->session)] > 1);
    }
    effects_clear(world->engine, &world->effects);
}

static void come(struct world *world, int session, const struct scenario_step *step)
{
    if (world->sessions[session])
        return;
    world->sessions[session] = ++world->sessions_made;
    world->requests[session] = world->deliveries[session] = 0;
    run_command(
        world, &(struct command){.kind = COMMAND_COMES, .session = world->sessions[session]}, step);
}

static void run_request(struct world *world, struct scenario_step *step)
{
    struct request decoded;
    struct problem problem;
    struct frame frame;
    size_t want;
    const int session = step->session;
    step->request.number = ++world->requests[session];
    step->request.ack = world->deliveries[session];
    buffer_clear(&world->frame);
    request_encode(&step->request, &world->frame);
    frame_next(world->frame.bytes, world->frame.size, LIMIT_FRAME_BYTES, &frame, &want, &problem);
    world->room.used = 0;
    ck_assert_msg(request_decode(&frame, &world->room, &decoded, &problem) == 0, "%s: %s",
                  step->text, problem.text);
    run_command(world,
                &(struct command){.kind = COMMAND_REQUEST,
                                  .session = world->sessions[session],
                                  .ack = decoded.ack,
                                  .request = &decoded},
                step);
    if (engine_waits(world->engine, world->sessions[session], decoded.number)) {
        /* Its own answer is yet to come: what others got is said after it. */
        struct buffer others = world->trace;
        world->trace = BUFFER_INIT;
        buffer_printf(&world->trace, " waits");
        if (others.size > 0)
            buffer_printf(&world->trace, ";%.*s", (int)others.size, (char *)others.bytes);
        buffer_deinit(&others);
    }
}

static void run_end(struct world *world, const struct scenario_step *step)
{
    const int session = step->session;
    const uint64_t number = world->sessions[session];
    run_command(world,
                &(struct command){.kind = COMMAND_ENDS,
                                  .session = number,
                                  .ack = step->kind == STEP_LEAVES ? world->deliveries[session] : 0,
                                  .goodbye = step->kind == STEP_LEAVES},
                step);
    world->sessions[session] = 0;
}

static void run_time(struct world *world, const struct scenario_step *step)
{
    const uint64_t end = world->now_ns + step->nanoseconds;
    while (engine_due(world->engine) <= end) {
        if (engine_due(world->engine) > world->now_ns)
            world->now_ns = engine_due(world->engine);
        run_command(world, &(struct command){.kind = COMMAND_TICK}, step);
    }
    world->now_ns = end;
}

static void run_step(struct world *world, struct scenario_step *step)
{
    buffer_clear(&world->trace);
    if (step->kind != STEP_TIME)
        come(world, step->session, step);
    switch (step->kind) {
    case STEP_REQUEST:
        run_request(world, step);
        break;
    case STEP_ACK:
        run_command(world,
                    &(struct command){.kind = COMMAND_ACK,
                                      .session = world->sessions[step->session],
                                      .ack = world->deliveries[step->session]},
                    step);
        break;
    case STEP_LEAVES:
    case STEP_DIES:
        run_end(world, step);
        break;
    case STEP_TIME:
        run_time(world, step);
        break;
    }
}

START_TEST(scenario_holds_for_the_engine)
{
    struct world *world = calloc(1, sizeof *world);
    struct scenario scenario;
    struct scenario_step step;
    world->engine = engine_new(&(struct engine_options){.key = {1, 2}});
    ck_assert(scenario_open(&scenario, files[_i]));
    while (scenario_next(&scenario, &world->names, &step)) {
        run_step(world, &step);
        ck_assert_msg(scenario_check(&scenario, &step, &world->trace), "%s:%d", files[_i],
                      step.line);
    }
    scenario_close(&scenario);
    effects_deinit(world->engine, &world->effects);
    engine_free(world->engine);
    buffer_deinit(&world->frame);
    buffer_deinit(&world->trace);
    free(world);
}
END_TEST

int main(void)
{
    file_count = scenario_files("tests/scenario", files, FILES);
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
