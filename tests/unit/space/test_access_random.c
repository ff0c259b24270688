/* SPDX-License-Identifier: MIT */
/*
 * Random requests of two users in two engines that differ in one thing: the spaces of one, which are
 * its alone, are those that the other asks for in the one, and others in the other. Whatever the one
 * does, the other is told the same, byte for byte, at the same positions (rule S31), also of its own
 * quotas; nor do the hash keys show, which differ, too. TEST_SEED replays
 * a failure.
 */
#include <unistd.h>

#include "unit/space/users_fixture.h"

enum { STEPS = 600, RUNS = 60 };

static uint64_t state;

/* The same ones in both worlds. */
static uint32_t draw(uint32_t bound)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 32) * bound >> 32);
}

/* What ADA's are called: as BEN asks for them, and as he does not. */
static const char *const hidden[2][2] = {{"hid", "hod"}, {"xid", "xod"}};
static const char *const own[2] = {"own", "pwn"};

/* ---- What either does ---- */

static const char *const patterns[] = {"[1]", "[?]", "[>=2]", "[...]", "[3]", "[>=9]"};

static const char *any_pattern(void)
{
    return patterns[draw(sizeof patterns / sizeof *patterns)];
}

static const enum tsd_operation looks[] = {TSD_OP_IN,     TSD_OP_RD,      TSD_OP_HOLD,
                                           TSD_OP_COUNT,  TSD_OP_SCAN,    TSD_OP_DRAINED,
                                           TSD_OP_ATOMIC, TSD_OP_COLLECT, TSD_OP_EXPLAIN};

static struct request any_look(bool once)
{
    struct request fields = {.op = looks[draw(sizeof looks / sizeof *looks)]};
    const bool counts = fields.op == TSD_OP_COUNT || fields.op == TSD_OP_SCAN;
    const bool waits = fields.op != TSD_OP_COLLECT && fields.op != TSD_OP_EXPLAIN && !counts;
    if (waits && (once || draw(2)))
        fields.has |= TSD_HAS(TIMEOUT);
    if (fields.has && !once)
        fields.timeout_us = draw(20);
    if (counts && draw(2)) {
        fields.has |= TSD_HAS(STATES);
        fields.states = true;
    }
    return fields;
}

/* In one space, and another one; what an atomic puts goes into `to`. */
static void look_into(uint64_t session, struct request fields, const char *one, const char *other,
                      const char *to)
{
    static const char *const kinds[] = {"in ", "rd ", "hold ", "absent "};
    const bool atomic = fields.op == TSD_OP_ATOMIC;
    const bool several =
        atomic || fields.op == TSD_OP_IN || fields.op == TSD_OP_RD || fields.op == TSD_OP_HOLD;
    char parts[128];
    int used = snprintf(parts, sizeof parts, "%s%s", atomic ? kinds[draw(4)] : "", any_pattern());
    if (several && draw(2))
        (void)snprintf(parts + used, sizeof parts - (size_t)used, "|%s%s:%s",
                       atomic ? kinds[draw(4)] : "", other, any_pattern());
    if (atomic && draw(2))
        atomic_to(session, fields, one, parts, to, (uint8_t)(1 + draw(3)));
    else
        ask(session, fields, one, parts);
}

/* What makes, fills, and removes its own spaces. */
static void change(uint64_t session, const char *one, const char *other)
{
    struct request fields = {.op = TSD_OP_OUT};
    switch (draw(8)) {
    case 0:
        request(session, &(struct request){.op = TSD_OP_SPACE,
                                           .space = span_of(one),
                                           .has = TSD_HAS(CAPACITY) | TSD_HAS(MODE) |
                                                  TSD_HAS(MAX_RETURNS) | TSD_HAS(DEAD_LETTER),
                                           .capacity = draw(2) * 50,
                                           .mode = 0700,
                                           .max_returns = draw(3),
                                           .dead_letter = span_of(draw(2) ? other : "")});
        break;
    case 1:
        request(session, &(struct request){.op = TSD_OP_REMOVE,
                                           .space = span_of(one),
                                           .has = TSD_HAS(FORCE),
                                           .force = draw(2)});
        break;
    case 2:
        acknowledge(session, w->delivered[session]);
        break;
    case 3:
        fields.has = TSD_HAS(DELAY) | TSD_HAS(TTL);
        fields.putting = (struct putting){.delay_us = draw(10), .ttl_us = 10 + draw(100)};
        put_as(session, fields, one, (uint8_t)(1 + draw(3)), 1 + draw(3));
        break;
    case 4:
        ask(session, (struct request){.op = TSD_OP_WATCH}, one, any_pattern());
        break;
    default:
        put(session, one, (uint8_t)(1 + draw(3)), 1 + draw(12));
    }
}

static void ada(const char *const names[2])
{
    const bool second = draw(2);
    const uint64_t session = draw(2) ? ADA : ADA_AGAIN;
    if (draw(3) == 0)
        look_into(session, any_look(draw(4) > 0), names[second], names[!second], names[0]);
    else
        change(session, names[second], names[!second]);
}

/* BEN asks in his own spaces, and at once in those of ADA's that he has heard of. */
static void ben(void)
{
    const bool second = draw(2);
    const uint64_t session = draw(2) ? BEN : BEN_AGAIN;
    switch (draw(5)) {
    case 0:
        look_into(session, any_look(true), hidden[0][second], own[0], own[1]);
        break;
    case 1:
        look_into(session, any_look(true), own[0], hidden[0][second], own[1]);
        break;
    case 2:
        look_into(session, any_look(draw(4) > 0), own[second], own[!second], own[0]);
        break;
    case 3:
        ask(session, waiting(draw(2) ? TSD_OP_SPACES : TSD_OP_STATS), "", "");
        break;
    default:
        change(session, own[second], own[!second]);
    }
}

/* ---- The two worlds ---- */

/* What BEN was told, line by line. */
static void keep_bens(char *told, size_t room)
{
    const char *at = said();
    size_t used = 0;
    for (const char *end; *at; at = end + 1) {
        end = strchr(at, '\n');
        const char *of = strstr(at, " s");
        if (of + 2 < end && (of[2] == '0' + BEN || of[2] == '0' + BEN_AGAIN))
            used += (size_t)snprintf(told + used, room - used, "%.*s", (int)(end + 1 - at), at);
        ck_assert_uint_lt(used, room);
    }
    told[used] = '\0';
}

/* How long the work of one takes is the same in both: they go on step by step. */
static void step_in(int world, uint64_t from)
{
    in(&worlds[world]);
    state = from;
    const uint32_t what = draw(10);
    if (what < 4) {
        ada(hidden[world]);
    } else if (what < 8) {
        ben();
    } else {
        w->now_us += draw(2) * draw(20);
        step(&(struct command){.kind = COMMAND_TICK});
    }
}

/* Now and then so small that they are met. */
static void set_quotas(uint64_t seed)
{
    struct engine_settings settings = {.rule_count = 0};
    for (int quota = 0; quota < QUOTAS; quota++)
        settings.quotas.user[quota] = seed % 3 == 0                                   ? 0
                                      : quota == QUOTA_TUPLES || quota == QUOTA_BYTES ? 60
                                      : quota == QUOTA_WAITING                        ? 6000
                                                                                      : 8;
    for (int world = 0; world < 2; world++) {
        in(&worlds[world]);
        set(&settings);
    }
}

static void run(uint64_t seed)
{
    static char told[2][131072];
    uint64_t from = seed;
    setup_pieces(1 + (uint32_t)(seed % 7));
    set_quotas(seed);
    for (int i = 0; i < STEPS; i++) {
        for (int world = 0; world < 2; world++) {
            step_in(world, from);
            keep_bens(told[world], sizeof told[world]);
        }
        ck_assert_msg(strcmp(told[0], told[1]) == 0, "TEST_SEED=%" PRIu64 " step %d:\n%s\n%s", seed,
                      i, told[0], told[1]);
        from = from * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    }
    teardown();
}

START_TEST(nothing_that_one_does_in_its_own_spaces_is_seen_by_another)
{
    const char *seed = getenv("TEST_SEED");
    run(seed ? strtoull(seed, NULL, 10)
             : (uint64_t)getpid() * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)_i * 7919 + 1);
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("access_random");
    TCase *tcase = tcase_create("random");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, nothing_that_one_does_in_its_own_spaces_is_seen_by_another, 0, RUNS);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(suite());
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
