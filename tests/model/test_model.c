/* SPDX-License-Identifier: MIT */
/*
 * The engine against the naive reference: random operations, the same answers after each step; a
 * second engine with another hash key beside it, equal in every effect.
 *
 * TEST_SEED and TEST_STEPS choose the run; a failure prints both and the last steps.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generate.h"
#include "naive.h"
#include "protocol/frame.h"
#include "space/engine.h"

enum { SESSIONS = 12 };

struct run {
    struct random random;
    uint64_t now_ns, sessions_made, numbers_made;
    uint64_t most; /* stored tuples from which more is taken than put */
    struct naive *naive;
    struct engine *engines[2];
    struct effects effects;
    uint64_t sessions[SESSIONS], acked[SESSIONS];
    int session_count;
    struct buffer frame, expected, traces[2], history;
    struct pattern_room room;
};

static void print_effect(const struct effects *effects, const struct effect *effect,
                         struct buffer *trace)
{
    ck_assert_int_eq(effect->kind, EFFECT_ANSWER);
    buffer_printf(trace, "%d.%d %s status %d since %d at %d", (int)effect->session,
                  (int)effect->number, operation_text(effect->op), (int)effect->status,
                  (int)effect->since, (int)effect->at);
    if (effect->delivery)
        buffer_printf(trace, " delivery %d", (int)effect->delivery);
    if (effect->op == TSD_OP_OUT || effect->op == TSD_OP_COUNT)
        buffer_printf(trace, " value %d", (int)effect->value);
    for (uint32_t i = 0; i < effect->item_count; i++) {
        const struct effect_item *item = &effects->items[effect->items + i];
        buffer_printf(trace, " #%d/%d/%d", (int)item->tuple->id, (int)item->of,
                      (int)item->tuple->returns);
    }
    buffer_printf(trace, "%s\n", effect->more ? " more" : effect->has_next ? " next" : "");
}

static void give_up(const struct run *run, const char *what)
{
    fprintf(stderr, "%s\nexpected:\n%.*sengine:\n%.*s", what, (int)run->expected.size,
            (const char *)run->expected.bytes, (int)run->traces[0].size,
            (const char *)run->traces[0].bytes);
    const size_t tail = run->history.size > 6000 ? run->history.size - 6000 : 0;
    fprintf(stderr, "last steps:\n%.*s", (int)(run->history.size - tail),
            (const char *)run->history.bytes + tail);
    ck_abort_msg("%s", what);
}

static bool same(const struct buffer *a, const struct buffer *b)
{
    return a->size == b->size && (a->size == 0 || memcmp(a->bytes, b->bytes, a->size) == 0);
}

/* Both engines take the command; all three have to have said the same. */
static void step(struct run *run, const struct command *command)
{
    for (int i = 0; i < 2; i++) {
        buffer_clear(&run->traces[i]);
        engine_step(run->engines[i], run->now_ns, command, &run->effects);
        for (uint32_t e = 0; e < run->effects.count; e++)
            print_effect(&run->effects, &run->effects.list[e], &run->traces[i]);
        effects_clear(run->engines[i], &run->effects);
    }
    buffer_append(&run->history, run->traces[0].bytes, run->traces[0].size);
    if (!same(&run->expected, &run->traces[0]))
        give_up(run, "the engine differs from the naive reference");
    if (!same(&run->traces[0], &run->traces[1]))
        give_up(run, "two engines with different hash keys differ");
    if (run->history.size > 1 << 20)
        buffer_clear(&run->history);
}

static void begin(struct run *run, const char *what, uint64_t session)
{
    buffer_clear(&run->expected);
    buffer_printf(&run->history, "> %s %d at %d\n", what, (int)session, (int)run->now_ns);
}

static void comes(struct run *run)
{
    const uint64_t session = ++run->sessions_made;
    run->sessions[run->session_count] = session;
    run->acked[run->session_count++] = 0;
    begin(run, "comes", session);
    naive_comes(run->naive, run->now_ns, session, &run->expected);
    step(run, &(struct command){.kind = COMMAND_COMES, .session = session, .user = 7});
}

static uint64_t some_ack(struct run *run, int which)
{
    const uint64_t delivered = naive_delivered(run->naive, run->sessions[which]);
    if (random_below(&run->random, 3) > 0)
        run->acked[which] = delivered;
    return run->acked[which];
}

static void ends(struct run *run, int which)
{
    const uint64_t session = run->sessions[which];
    const bool goodbye = random_below(&run->random, 2);
    const uint64_t ack = some_ack(run, which);
    run->session_count--;
    run->sessions[which] = run->sessions[run->session_count];
    run->acked[which] = run->acked[run->session_count];
    begin(run, goodbye ? "goodbye" : "dies", session);
    naive_ends(run->naive, run->now_ns, session, ack, goodbye, &run->expected);
    step(run, &(struct command){
                  .kind = COMMAND_ENDS, .session = session, .ack = ack, .goodbye = goodbye});
}

static void acks(struct run *run, int which)
{
    const uint64_t session = run->sessions[which];
    const uint64_t ack = some_ack(run, which);
    begin(run, "ack", session);
    naive_ack(run->naive, run->now_ns, session, ack, &run->expected);
    step(run, &(struct command){.kind = COMMAND_ACK, .session = session, .ack = ack});
}

/* What depends on what there is. */
static void complete(struct run *run, int which, struct naive_request *request)
{
    struct random *random = &run->random;
    request->number = ++run->numbers_made;
    request->ack = some_ack(run, which);
    if (request->op == TSD_OP_CANCEL) {
        request->target = naive_waiting(run->naive, run->sessions[which], random_below(random, 4));
        if (request->target == 0)
            request->target = 1 + random_below(random, run->numbers_made);
    }
    if ((request->op == TSD_OP_IN || request->op == TSD_OP_RD) && random_below(random, 10) == 0) {
        request->by_id = true;
        request->id = random_below(random, 4) ? naive_some_id(run->naive, random_next(random))
                                              : naive_some_id(run->naive, 0) + 1000;
    }
    if (request->op == TSD_OP_SCAN && random_below(random, 2)) {
        request->has_cursor = true;
        request->cursor_id = naive_some_id(run->naive, random_next(random));
        request->cursor_priority = (int8_t)(random_below(random, 4) ? 0 : 1);
    }
}

static void requests(struct run *run, int which)
{
    struct naive_request request;
    struct request decoded;
    struct problem problem;
    struct frame frame;
    size_t want;
    do
        generate_request(&run->random, &request);
    while (request.op == TSD_OP_OUT && naive_stored(run->naive) > run->most);
    complete(run, which, &request);
    buffer_clear(&run->frame);
    generate_encode(&request, &run->frame);
    ck_assert_int_eq(
        frame_next(run->frame.bytes, run->frame.size, 1 << 20, &frame, &want, &problem),
        (long)run->frame.size);
    run->room.used = 0;
    const int result = request_decode(&frame, &run->room, &decoded, &problem);
    ck_assert_msg(result == 0, "a request is not decoded: %s", problem.text);
    begin(run, operation_text(request.op), run->sessions[which]);
    naive_request(run->naive, run->now_ns, run->sessions[which], &request, &run->expected);
    step(run, &(struct command){.kind = COMMAND_REQUEST,
                                .session = run->sessions[which],
                                .ack = request.ack,
                                .request = &decoded});
}

static void ticks(struct run *run)
{
    const uint64_t due = naive_due(run->naive);
    ck_assert_uint_eq(engine_due(run->engines[0]), due);
    /* To just before something is due, or right to it, or further. */
    if (due != UINT64_MAX && due > run->now_ns && random_below(&run->random, 2))
        run->now_ns = due - random_below(&run->random, 2);
    else
        run->now_ns += 100000 * random_below(&run->random, 20);
    begin(run, "tick", 0);
    naive_tick(run->naive, run->now_ns, &run->expected);
    step(run, &(struct command){.kind = COMMAND_TICK});
}

static void random_step(struct run *run)
{
    const uint64_t choice = random_below(&run->random, 100);
    /* Often at the same time, so that several requests time out at once. */
    run->now_ns += random_below(&run->random, 4) ? 0 : 100000 * random_below(&run->random, 3);
    if (run->session_count < 2 || (choice < 3 && run->session_count < SESSIONS))
        comes(run);
    else if (choice < 6)
        ends(run, (int)random_below(&run->random, (uint64_t)run->session_count));
    else if (choice < 9)
        acks(run, (int)random_below(&run->random, (uint64_t)run->session_count));
    else if (choice < 16)
        ticks(run);
    else
        requests(run, (int)random_below(&run->random, (uint64_t)run->session_count));
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 0) : otherwise;
}

static void run_steps(uint64_t seed, uint64_t steps, uint64_t most, uint32_t reply_bytes)
{
    struct run *run = calloc(1, sizeof *run);
    run->most = most;
    run->random.state = seed;
    run->naive = naive_new(reply_bytes);
    for (int i = 0; i < 2; i++)
        run->engines[i] = engine_new(&(struct engine_options){
            .key = {seed, (uint64_t)i}, .piece = i ? 0 : 1 << 20, .reply_bytes = reply_bytes});
    printf("TEST_SEED=%llu TEST_STEPS=%llu\n", (unsigned long long)seed, (unsigned long long)steps);
    fflush(stdout);
    for (uint64_t i = 0; i < steps; i++) {
        random_step(run);
        if (i % 64 == 0) {
            engine_check(run->engines[0]);
            ck_assert_uint_eq(engine_state_hash(run->engines[0]),
                              engine_state_hash(run->engines[1]));
        }
    }
    for (int i = 0; i < 2; i++) {
        effects_deinit(run->engines[i], &run->effects);
        engine_free(run->engines[i]);
        buffer_deinit(&run->traces[i]);
    }
    naive_free(run->naive);
    buffer_deinit(&run->frame);
    buffer_deinit(&run->expected);
    buffer_deinit(&run->history);
    free(run);
}

START_TEST(engine_equals_naive_reference)
{
    run_steps(from_environment("TEST_SEED", 20240601), from_environment("TEST_STEPS", 200000), 120,
              220);
}
END_TEST

START_TEST(engine_equals_naive_reference_with_many_seeds)
{
    const uint64_t steps = from_environment("TEST_STEPS", 200000) / 20;
    for (uint64_t i = 1; i <= 10; i++)
        run_steps(from_environment("TEST_SEED", 1) * 1000 + i, steps, 10 * i, 220);
}
END_TEST

/* Enough for trees of several levels. */
START_TEST(engine_equals_naive_reference_with_many_stored)
{
    run_steps(from_environment("TEST_SEED", 7), from_environment("TEST_STEPS", 200000) / 10, 3000,
              1 << 20);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model");
    TCase *tcase = tcase_create("engine against naive reference");
    tcase_set_timeout(tcase, 600);
    tcase_add_test(tcase, engine_equals_naive_reference);
    tcase_add_test(tcase, engine_equals_naive_reference_with_many_seeds);
    tcase_add_test(tcase, engine_equals_naive_reference_with_many_stored);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
