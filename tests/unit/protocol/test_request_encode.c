/* SPDX-License-Identifier: MIT */
#include <check.h>

#include "protocol/request.h"
#include "random_patterns.h"

static struct pattern_room room;
static struct problem problem;
static struct request request; /* as it came back */

#define ALL_EVENTS (2u + 4u + 8u + 16u + 32u + 64u)

static const char *const argument_letters[] = {
#define LETTERS(number, NAME, name, arguments, options, text) [number] = arguments,
    TSD_OPERATIONS(LETTERS)};
static const uint64_t option_sets[] = {
#define OPTIONS(number, NAME, name, arguments, options, text) [number] = options,
    TSD_OPERATIONS(OPTIONS)};

static struct span text_span(const char *text)
{
    return (struct span){(const uint8_t *)text, (uint32_t)strlen(text)};
}

static struct span random_span(struct random *random, bool pattern)
{
    static struct buffer kept[64]; /* as long as a request lives */
    static unsigned next;
    struct buffer *out = &kept[next++ % 64];
    struct source source = source_of(random);

    buffer_clear(out);
    if (pattern)
        put_random_pattern(out, &source);
    else
        put_random_tuple(out, &source, true);
    return (struct span){out->bytes, (uint32_t)out->size};
}

static struct span random_name(struct random *random)
{
    static const char *const names[] = {"main", "\xc3\xa4/#", "jobs", "a longer name of a space"};

    return text_span(names[random_below(random, 4)]);
}

static void give_tuples(struct random *random, struct request *r, uint32_t least)
{
    static struct buffer tuples;

    buffer_clear(&tuples);
    r->tuple_count = least + random_below(random, 20);
    for (uint32_t i = 0; i < r->tuple_count; i++) {
        struct span tuple = random_span(random, false);
        buffer_append(&tuples, tuple.bytes, tuple.size);
    }
    r->tuples = (struct span){tuples.bytes, (uint32_t)tuples.size};
}

static void give_tokens(struct random *random, struct request *r)
{
    static struct buffer tokens;

    buffer_clear(&tokens);
    r->token_count = 1 + random_below(random, 20);
    for (uint32_t i = 0; i < r->token_count; i++) {
        struct token token = {r->op == TSD_OP_RELEASE && random_below(random, 2),
                              random_next(random) >> random_below(random, 64),
                              random_next(random) >> random_below(random, 64)};
        token_encode(&token, &tokens);
    }
    r->tokens = (struct span){tokens.bytes, (uint32_t)tokens.size};
}

static void give_pattern(struct random *random, struct alternative *alternative)
{
    struct span pattern = random_span(random, true);

    alternative->pattern.bytes = pattern.bytes;
    alternative->pattern.size = pattern.size;
}

static void give_guards(struct random *random, struct request *r)
{
    r->alternative_count = 1 + random_below(random, LIMIT_GUARDS);
    for (uint32_t i = 0; i < r->alternative_count; i++) {
        struct guard *guard = &r->guards[i];
        *guard = (struct guard){.kind = (enum tsd_guard)(1 + random_below(random, 4))};
        if (guard->kind == TSD_GUARD_HOLD) {
            guard->has_hold_time = random_below(random, 2);
            guard->detached = guard->has_hold_time && random_below(random, 2);
            guard->hold_us = guard->has_hold_time ? random_next(random) : 0;
        }
        r->alternatives[i].space = random_name(random);
        give_pattern(random, &r->alternatives[i]);
    }
}

/* What bodies hold is test_body's; here is one that all guards allow. */
static void give_body(struct random *random, struct request *r)
{
    static const uint8_t step[] = {0x93, 1, 0xc0, 0x91, 0x92, 0, 7};
    static struct buffer steps;

    buffer_clear(&steps);
    r->body_count = r->body_puts = random_below(random, 20);
    for (uint32_t i = 0; i < r->body_count; i++)
        buffer_append(&steps, step, sizeof step);
    r->body = (struct span){steps.bytes, (uint32_t)steps.size};
}

static void give_arguments(struct random *random, struct request *r)
{
    for (const char *letter = argument_letters[r->op]; *letter; letter++)
        switch ((enum tsd_argument) * letter) {
        case TSD_ARG_SPACE:
            r->space = random_name(random);
            break;
        case TSD_ARG_NUMBER:
        case TSD_ARG_CLIENT:
            r->target = random_next(random);
            break;
        case TSD_ARG_TUPLES:
            give_tuples(random, r, 1);
            break;
        case TSD_ARG_RESULTS:
            give_tuples(random, r, 0);
            break;
        case TSD_ARG_PATTERN:
            r->alternative_count = 1;
            give_pattern(random, &r->alternatives[0]);
            break;
        case TSD_ARG_TOKENS:
            give_tokens(random, r);
            break;
        case TSD_ARG_DURATION:
            r->duration_us = random_next(random) >> random_below(random, 64);
            break;
        case TSD_ARG_GUARDS:
            give_guards(random, r);
            break;
        case TSD_ARG_BODY:
            give_body(random, r);
            break;
        }
}

static void give_alternatives(struct random *random, struct request *r)
{
    r->alternative_count = 1 + random_below(random, LIMIT_ALTERNATIVES);
    for (uint32_t i = 1; i < r->alternative_count; i++) {
        r->alternatives[i].space = text_span(i % 2 ? "other" : "main");
        give_pattern(random, &r->alternatives[i]);
    }
}

/* Values that no rule between options forbids; false is said too. */
static void give_putting(struct random *random, struct request *r)
{
    const uint64_t has = r->has & TSD_HAS_PUTTING;

    r->putting.has = has;
    if (has & TSD_HAS(PRIORITY))
        r->putting.priority = (int8_t)random_next(random);
    if (has & TSD_HAS(DELAY))
        r->putting.delay_us = random_next(random) >> (1 + random_below(random, 63));
    if (has & TSD_HAS(TTL))
        r->putting.ttl_us = r->putting.delay_us + 1 + random_below(random, 1000);
    if (has & TSD_HAS(BOUND))
        r->putting.bound = !(r->has & TSD_HAS(KEY)) && random_below(random, 2);
    if (has & TSD_HAS(PULSE))
        r->putting.pulse = !r->putting.bound && !(has & (TSD_HAS(TTL) | TSD_HAS(DELAY))) &&
                           random_below(random, 2);
}

static void give_matching(struct random *random, struct request *r)
{
    const uint64_t has = r->has;

    if (has & TSD_HAS(TIMEOUT))
        r->timeout_us = random_next(random) >> random_below(random, 64);
    if (has & TSD_HAS(MIN))
        r->min = r->max = 1 + random_below(random, 100);
    if (has & TSD_HAS(MAX))
        r->max = r->min + random_below(random, 100);
    if (has & TSD_HAS(ID))
        r->id = random_next(random);
    if (has & TSD_HAS(CURSOR))
        r->cursor = (struct place){(int8_t)random_next(random), random_next(random)};
    if (has & TSD_HAS(REVERSE))
        r->reverse = random_below(random, 2);
    if (has & TSD_HAS(ALTERNATIVES))
        give_alternatives(random, r);
    if (has & TSD_HAS(HOLD_TIME))
        r->hold_us = random_next(random);
    if (has & TSD_HAS(DETACHED))
        r->detached = has & TSD_HAS(HOLD_TIME) && random_below(random, 2);
    if (has & TSD_HAS(NOW))
        r->now = random_below(random, 2);
    if (has & TSD_HAS(EVENTS))
        r->events = 2 * random_below(random, 64);
    if (has & TSD_HAS(STATES))
        r->states = random_below(random, 2);
    if (has & TSD_HAS(WHO))
        r->who = random_below(random, 2);
}

static void give_tuple(struct random *random, struct request *r)
{
    r->tuples = random_span(random, false);
    r->tuple_count = 1;
}

static void give_access(struct random *random, struct request *r, uint64_t has)
{
    if (has & TSD_HAS(OWNER))
        r->owner = random_below(random, UINT32_MAX);
    if (has & TSD_HAS(GROUP))
        r->group = random_below(random, UINT32_MAX);
    if (has & TSD_HAS(MODE))
        r->mode = random_below(random, 01000);
    if (has & TSD_HAS(EXISTING))
        r->existing = random_below(random, 2);
    if (has & TSD_HAS(BEYOND))
        r->beyond = random_next(random);
}

/* Those between which there are rules are left out or added where a rule says so. */
static void give_options(struct random *random, struct request *r, uint64_t has)
{
    if (has & TSD_HAS(WINDOW))
        has |= TSD_HAS(KEY);
    r->has = has;
    give_putting(random, r);
    give_matching(random, r);
    if (has & TSD_HAS(AFTER))
        r->after = random_name(random);
    if (has & TSD_HAS(KEY))
        r->key = text_span(random_below(random, 2) ? "k" : "\n\xc3\xa9");
    if (has & TSD_HAS(WINDOW))
        r->window_us = random_next(random);
    if (has & TSD_HAS(UNTRIED))
        r->untried = random_below(random, 2);
    if (has & TSD_HAS(EXIT))
        r->exit_status = random_below(random, 384);
    if (has & TSD_HAS(TO))
        r->to = random_name(random);
    if (has & TSD_HAS(CAPACITY))
        r->capacity = random_next(random);
    if (has & TSD_HAS(MAX_RETURNS))
        r->max_returns = (uint32_t)random_next(random);
    if (has & TSD_HAS(DEAD_LETTER))
        r->dead_letter = text_span(random_below(random, 2) ? "" : "dead");
    if (has & TSD_HAS(FORCE))
        r->force = random_below(random, 2);
    if (has & TSD_HAS(TUPLE))
        give_tuple(random, r);
    give_access(random, r, has);
}

static void assert_same_bytes(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
    ck_assert_uint_eq(a_size, b_size);
    if (a_size > 0)
        ck_assert_mem_eq(a, b, a_size);
}

#define SAME_SPAN(a, b) assert_same_bytes((a).bytes, (a).size, (b).bytes, (b).size)

static void assert_same_guards(const struct request *a, const struct request *b)
{
    for (uint32_t i = 0; i < a->alternative_count; i++) {
        SAME_SPAN(a->alternatives[i].space, b->alternatives[i].space);
        ck_assert_int_eq(a->guards[i].kind, b->guards[i].kind);
        ck_assert_int_eq(a->guards[i].has_hold_time, b->guards[i].has_hold_time);
        ck_assert_int_eq(a->guards[i].detached, b->guards[i].detached);
        ck_assert_uint_eq(a->guards[i].hold_us, b->guards[i].hold_us);
    }
}

static void assert_same_alternatives(const struct request *a, const struct request *b)
{
    ck_assert_uint_eq(a->alternative_count, b->alternative_count);
    for (uint32_t i = 0; i < a->alternative_count; i++) {
        const struct alternative *x = &a->alternatives[i], *y = &b->alternatives[i];
        if (i > 0)
            SAME_SPAN(x->space, y->space);
        SAME_SPAN(x->pattern, y->pattern);
    }
    if (a->op == TSD_OP_ATOMIC)
        assert_same_guards(a, b);
}

static void assert_same_arguments(const struct request *a, const struct request *b)
{
    SAME_SPAN(a->space, b->space);
    SAME_SPAN(a->tuples, b->tuples);
    ck_assert_uint_eq(a->tuple_count, b->tuple_count);
    ck_assert_uint_eq(a->target, b->target);
    SAME_SPAN(a->tokens, b->tokens);
    ck_assert_uint_eq(a->token_count, b->token_count);
    ck_assert_uint_eq(a->duration_us, b->duration_us);
    SAME_SPAN(a->body, b->body);
    ck_assert_uint_eq(a->body_count, b->body_count);
    ck_assert_uint_eq(a->body_puts, b->body_puts);
    assert_same_alternatives(a, b);
}

static void assert_same_putting(const struct putting *a, const struct putting *b)
{
    ck_assert_uint_eq(a->has, b->has);
    ck_assert_int_eq(a->priority, b->priority);
    ck_assert_int_eq(a->bound, b->bound);
    ck_assert_int_eq(a->pulse, b->pulse);
    ck_assert_uint_eq(a->ttl_us, b->ttl_us);
    ck_assert_uint_eq(a->delay_us, b->delay_us);
}

static void assert_same_options(const struct request *a, const struct request *b)
{
    assert_same_putting(&a->putting, &b->putting);
    ck_assert_uint_eq(a->timeout_us, b->timeout_us);
    ck_assert_uint_eq(a->min, b->min);
    ck_assert_uint_eq(a->max, b->max);
    ck_assert_uint_eq(a->id, b->id);
    ck_assert_int_eq(a->cursor.priority, b->cursor.priority);
    ck_assert_uint_eq(a->cursor.id, b->cursor.id);
    ck_assert_int_eq(a->reverse, b->reverse);
    SAME_SPAN(a->after, b->after);
    ck_assert_uint_eq(a->hold_us, b->hold_us);
    ck_assert_int_eq(a->detached, b->detached);
    SAME_SPAN(a->key, b->key);
    ck_assert_uint_eq(a->window_us, b->window_us);
    ck_assert_int_eq(a->untried, b->untried);
    ck_assert_uint_eq(a->exit_status, b->exit_status);
    SAME_SPAN(a->to, b->to);
    ck_assert_int_eq(a->now, b->now);
    ck_assert_uint_eq(a->events, b->events);
    ck_assert_int_eq(a->states, b->states);
    ck_assert_int_eq(a->who, b->who);
    ck_assert_int_eq(a->force, b->force);
    ck_assert_uint_eq(a->capacity, b->capacity);
    ck_assert_uint_eq(a->max_returns, b->max_returns);
    SAME_SPAN(a->dead_letter, b->dead_letter);
    ck_assert_uint_eq(a->owner, b->owner);
    ck_assert_uint_eq(a->group, b->group);
    ck_assert_uint_eq(a->mode, b->mode);
    ck_assert_int_eq(a->existing, b->existing);
    ck_assert_uint_eq(a->beyond, b->beyond);
}

static void assert_same(const struct request *a, const struct request *b)
{
    ck_assert_uint_eq(a->number, b->number);
    ck_assert_int_eq(a->op, b->op);
    ck_assert_uint_eq(a->ack, b->ack);
    ck_assert_uint_eq(a->has, b->has);
    assert_same_arguments(a, b);
    assert_same_options(a, b);
}

static void assert_comes_back(const struct request *sent)
{
    struct buffer out = BUFFER_INIT;
    struct frame frame;
    size_t want;

    request_encode(sent, &out);
    ck_assert_int_eq(frame_next(out.bytes, out.size, LIMIT_FRAME_BYTES, &frame, &want, &problem),
                     (long)out.size);
    int error = request_decode(&frame, &room, &request, &problem);
    ck_assert_msg(!error, "%s: %s", operation_name(sent->op), problem.text);
    assert_same(sent, &request);
    buffer_deinit(&out);
}

static struct request request_of(struct random *random, enum tsd_operation op)
{
    struct request r = {.op = op,
                        .min = 1,
                        .max = 1,
                        .window_us = LIMIT_WINDOW_US,
                        .events = ALL_EVENTS,
                        .max_returns = UINT32_MAX};

    r.number = 1 + random_next(random) % UINT64_MAX;
    r.ack = random_next(random) >> random_below(random, 64);
    give_arguments(random, &r);
    if (op == TSD_OP_COPY)
        give_options(random, &r, TSD_HAS(TO)); /* which it needs */
    return r;
}

START_TEST(each_operation_comes_back_with_all_its_options_and_none)
{
    struct random random = random_seeded("test_request");
    struct request r = request_of(&random, (enum tsd_operation)_i);

    assert_comes_back(&r);
    give_options(&random, &r, option_sets[_i]);
    assert_comes_back(&r);
    ck_assert_str_ne(operation_name(r.op), "unknown");
}
END_TEST

START_TEST(each_option_comes_back_alone)
{
    struct random random = random_seeded("test_request");

    for (unsigned key = 0; key < TSD_OPTION_END; key++)
        if (option_sets[_i] & 1ull << key) {
            struct request r = request_of(&random, (enum tsd_operation)_i);
            give_options(&random, &r, r.has | 1ull << key);
            assert_comes_back(&r);
        }
}
END_TEST

START_TEST(random_requests_come_back)
{
    struct random random = random_seeded("test_request");

    for (unsigned i = 0; i < 5000; i++) {
        enum tsd_operation op = 1 + random_below(&random, TSD_OP_END - 1);
        struct request r = request_of(&random, op);
        give_options(&random, &r, r.has | (option_sets[op] & random_next(&random)));
        assert_comes_back(&r);
    }
}
END_TEST

START_TEST(an_operation_that_is_none_has_no_name)
{
    ck_assert_str_eq(operation_name((enum tsd_operation)0), "unknown");
    ck_assert_str_eq(operation_name(TSD_OP_END), "unknown");
    ck_assert_str_eq(operation_name(TSD_OP_ACK), "ack");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("request_encode");
    TCase *tests = tcase_create("request_encode");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, each_operation_comes_back_with_all_its_options_and_none, 1,
                        TSD_OP_END);
    tcase_add_loop_test(tests, each_option_comes_back_alone, 1, TSD_OP_END);
    tcase_add_test(tests, random_requests_come_back);
    tcase_add_test(tests, an_operation_that_is_none_has_no_name);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
