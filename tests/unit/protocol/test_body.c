/* SPDX-License-Identifier: MIT */
/* Atomics: guards, steps and templates, refused with their place and read back as they were sent. */
#include "decoded.h"
#include "random_patterns.h"

#define ATOMIC(guards, body) "[9, 15, 3, \"s\", [" guards "], [" body "]]"
#define ANY "[1, null, [[1]]]" /* an `in` guard of any tuple of one field */
#define BODY(body) ATOMIC(ANY ", [4, null, [[1]]], [2, \"t\", [[1]]]", body)
#define PUT(template) BODY("[2, " TOKEN "], [1, null, [" template "]]")
#define PUT_WITH(options) BODY("[1, null, [[0, 1]], " options "]")
#define EIGHT_GUARDS ANY ", " ANY ", " ANY ", " ANY ", " ANY ", " ANY ", " ANY ", " ANY

static const struct bad refused[] = {
    /* guards */
    {ATOMIC("", ""), TS_MALFORMED, "atomic has at least 1 guard"},
    {ATOMIC(EIGHT_GUARDS ", " EIGHT_GUARDS ", " ANY, ""), TS_LIMIT,
     "17 guards, where the limit is"},
    {ATOMIC(ANY ", [2, \"\", [[1]]]", ""), TS_MALFORMED, "guard 2: the name of a space has at"},
    {ATOMIC("[1, null, []]", ""), TS_MALFORMED, "guard 1: a pattern has at least one"},
    {ATOMIC("[1, null, [[1], [13, null]]]", ""), TS_MALFORMED, "guard 1: field 2: only numbers"},
    {ATOMIC("[1, null, [[1]], {10: 5}]", ""), TS_INVALID, "guard 1: guard in has no option hold-t"},
    {ATOMIC("[2, null, [[1]], {11: true}]", ""), TS_INVALID, "guard 1: guard rd has no option det"},
    {ATOMIC("[4, null, [[1]], {10: 5}]", ""), TS_INVALID, "guard 1: guard absent has no option"},
    {ATOMIC("[3, null, [[1]], {1: 5}]", ""), TS_INVALID, "guard 1: guard hold has no option timeo"},
    {ATOMIC("[3, null, [[1]], {99: 5}]", ""), TS_INVALID, "guard 1: unknown option 99"},
    {ATOMIC("[3, null, [[1]], {11: true}]", ""), TS_INVALID,
     "guard 1: option detached: a hold that"},
    /* steps */
    {BODY("[1, \"a\\nb\", [[0, 1]]]"), TS_MALFORMED, "step 1: the name of a space has a control"},
    {BODY("[1, null, []]"), TS_MALFORMED, "step 1: a tuple has at least one field"},
    {BODY("[2, " TOKEN "], [2, b\"AAAA\"]"), TS_MALFORMED,
     "step 2: a hold's token has 16 bytes, not"},
    {BODY("[2, [1, 2]]"), TS_INVALID, "step 1: finish takes tokens of holds only"},
    {PUT_WITH("{1: 5}"), TS_INVALID, "step 1: a step has no option timeout"},
    {PUT_WITH("{16: \"k\"}"), TS_INVALID, "step 1: a step has no option key"},
    {PUT_WITH("{99: 5}"), TS_INVALID, "step 1: unknown option 99"},
    {PUT_WITH("{6: 128}"), TS_MALFORMED, "step 1: option priority: out of range"},
    {PUT_WITH("{13: 5, 12: 5}"), TS_INVALID, "step 1: option ttl: 0.000005 s is not more"},
    {PUT_WITH("{15: true, 14: true}"), TS_INVALID, "step 1: option pulse: not with bound"},
    {PUT_WITH("{15: true, 12: 5}"), TS_INVALID, "step 1: option pulse: not with delay"},
    {"[9, 15, 3, \"s\", [" ANY "], [[1, null, [[0, 1]], {14: true}]], {16: \"k\"}]", TS_INVALID,
     "option key: not with bound"},
    {"[9, 15, 3, \"s\", [" ANY "], [], {17: 5}]", TS_INVALID, "option window: there is no key"},
    {"[9, 15, 3, \"s\", [" ANY "], [], {6: 5}]", TS_INVALID, "atomic has no option priority"},
    /* templates */
    {PUT("[0, 1], [1, 3, 0]"), TS_INVALID,
     "step 2: field 2: there is no guard 3 (from 0): the last one is 2"},
    {PUT("[1, 18446744073709551615, 0]"), TS_INVALID,
     "step 2: field 1: there is no guard 18446744"},
    {PUT("[1, 1, 0]"), TS_INVALID, "step 2: field 1: guard 1 (from 0) is absent: it has no tuple"},
    {PUT("[1, 2, 255]"), TS_INVALID,
     "step 2: field 1: no tuple has a field 255 (from 0): the last"},
    {PUT("[1, 0, 0, 9223372036854775808]"), TS_MALFORMED, "step 2: field 1: what is added: out of"},
};

START_TEST(what_breaks_a_rule_is_refused_with_its_place)
{
    check_bad(&refused[_i]);
    ck_assert_uint_eq(request.number, 9);
    ck_assert_uint_eq(request.ack, 3);
}
END_TEST

static const struct bad malformed[] = {
    {"[9, 15, 3, \"s\", {}, []]", TS_PROTOCOL,
     "argument guards: not array of 1 to 16 guards, but map"},
    {"[9, 15, 3, \"s\", [" ANY "], {}]", TS_PROTOCOL, "argument body: not array of steps, but map"},
    {"[9, 15, 3, \"s\", [" ANY "]]", TS_PROTOCOL, "atomic has 3 arguments"},
    {ATOMIC("1", ""), TS_PROTOCOL, "guard 1: guard: not array, but int"},
    {ATOMIC("[1, null]", ""), TS_PROTOCOL, "guard 1: a guard is [guard, space or nil, pattern, "},
    {ATOMIC("[1, null, [[1]], {}, {}]", ""), TS_PROTOCOL,
     "guard 1: a guard is [guard, space or nil"},
    {ATOMIC("[0, null, [[1]]]", ""), TS_PROTOCOL, "guard 1: unknown guard 0"},
    {ATOMIC("[5, null, [[1]]]", ""), TS_PROTOCOL, "guard 1: unknown guard 5"},
    {ATOMIC("[\"in\", null, [[1]]]", ""), TS_PROTOCOL,
     "guard 1: number of a guard: not uint, but st"},
    {ATOMIC("[1, 1, [[1]]]", ""), TS_PROTOCOL, "guard 1: space: not str or nil, but int"},
    {ATOMIC("[1, null, [[29]]]", ""), TS_PROTOCOL, "29"},
    {ATOMIC("[3, null, [[1]], 1]", ""), TS_PROTOCOL,
     "guard 1: options of a guard: not map, but int"},
    {ATOMIC("[3, null, [[1]], {10: -1}]", ""), TS_PROTOCOL, "guard 1: option hold-time: not uint"},
    {ATOMIC("[3, null, [[1]], {11: 1}]", ""), TS_PROTOCOL, "guard 1: option detached: not bool"},
    {BODY("1"), TS_PROTOCOL, "step 1: step: not array, but int"},
    {BODY("[]"), TS_PROTOCOL, "step 1: a step begins with its number"},
    {BODY("[0, " TOKEN "]"), TS_PROTOCOL, "step 1: unknown step 0"},
    {BODY("[3, " TOKEN "]"), TS_PROTOCOL, "step 1: unknown step 3"},
    {BODY("[null, " TOKEN "]"), TS_PROTOCOL, "step 1: number of a step: not uint, but nil"},
    {BODY("[2]"), TS_PROTOCOL, "step 1: a step is [1, space or nil, template, "},
    {BODY("[2, " TOKEN ", {}]"), TS_PROTOCOL, "step 1: a step is [1, space or nil, template, "},
    {BODY("[1, null]"), TS_PROTOCOL, "step 1: a step is [1, space or nil, template, "},
    {BODY("[2, 1]"), TS_PROTOCOL, "step 1: token: not a hold's bin or [delivery, id], but int"},
    {BODY("[1, null, 1]"), TS_PROTOCOL, "step 1: template: not array of fields, but int"},
    {BODY("[1, 5, [[0, 1]]]"), TS_PROTOCOL, "step 1: space: not str or nil, but int"},
    {PUT_WITH("5"), TS_PROTOCOL, "step 1: options of a step: not map, but int"},
    {PUT_WITH("{13: null}"), TS_PROTOCOL, "step 1: option ttl: not uint, but nil"},
    {PUT_WITH("{6: 1.5}"), TS_PROTOCOL, "step 1: option priority: not int, but float"},
    {PUT("1"), TS_PROTOCOL, "step 2: field 1: field of a template: not array, but int"},
    {PUT("[]"), TS_PROTOCOL, "step 2: field 1: a field of a template is [0, value]"},
    {PUT("[0]"), TS_PROTOCOL, "step 2: field 1: a field of a template is [0, value]"},
    {PUT("[0, 1, 2]"), TS_PROTOCOL, "step 2: field 1: a field of a template is [0, value]"},
    {PUT("[1, 0]"), TS_PROTOCOL, "step 2: field 1: a field of a template is [0, value]"},
    {PUT("[1, 0, 0, 0, 0]"), TS_PROTOCOL, "step 2: field 1: a field of a template is [0, value]"},
    {PUT("[2, 0, 0]"), TS_PROTOCOL, "step 2: field 1: unknown form of a template's field 2"},
    {PUT("[1, -1, 0]"), TS_PROTOCOL,
     "step 2: field 1: number of a guard: not uint, but a negative"},
    {PUT("[1, 0, 1.0]"), TS_PROTOCOL, "step 2: field 1: number of a field: not uint, but float"},
    {PUT("[1, 0, 0, 1.0]"), TS_PROTOCOL, "step 2: field 1: what is added: not int, but float"},
};

START_TEST(what_has_another_form_is_malformed)
{
    check_bad(&malformed[_i]);
}
END_TEST

START_TEST(the_place_of_a_problem_is_a_byte_of_the_frame)
{
    /* 96 09 0f 03 a1 s | 91 [93 01 c0 91 91 01] | 91 [93 01 c0 91 [93 01 00 ccff]] */
    ck_assert_int_eq(decode_text(ATOMIC(ANY, "[1, null, [[1, 0, 255]]]")), -TS_INVALID);
    ck_assert_uint_eq(problem.offset, 21);
    ck_assert_int_eq(decode_text(ATOMIC(ANY, "[1, null, [[1, 1, 0]]]")), -TS_INVALID);
    ck_assert_uint_eq(problem.offset, 20);
    ck_assert_int_eq(decode_text(ATOMIC("[3, null, [[1]], {11: true}]", "")), -TS_INVALID);
    ck_assert_uint_eq(problem.offset, 13);
}
END_TEST

static int decode_put(const void *value, size_t size)
{
    buffer_clear(&body);
    buffer_append(&body, "\x96\x09\x0f\x03\xa1s\x91\x93\x01\xc0\x91\x91\x01\x91\x93\x01\xc0\x91",
                  18);
    buffer_append(&body, "\x92\x00", 2);
    buffer_append(&body, value, size);
    return decode_bytes(body.bytes, body.size);
}

/* rules V1, V2 */
START_TEST(a_value_of_a_template_is_one_of_a_tuple)
{
    uint8_t deep[40];

    ck_assert_int_eq(decode_put("\xa2\xc3\xa4", 3), 0);
    ck_assert_int_eq(decode_put("\xa2\xc3"
                                "a",
                                3),
                     -TS_MALFORMED);
    ck_assert_str_eq(problem.text, "step 1: field 1: a str that is not valid UTF-8 (use bin)");
    ck_assert_uint_eq(problem.offset, 20);
    ck_assert_int_eq(decode_put("\x82\x01\x02\x01\x03", 5), -TS_MALFORMED);
    ck_assert_str_eq(problem.text, "step 1: field 1: a map with a repeated key");
    ck_assert_int_eq(decode_put("\xc1", 1), -TS_PROTOCOL);
    memset(deep, 0x91, sizeof deep);
    deep[32] = 0xc0;
    ck_assert_int_eq(decode_put(deep, 33), 0);
    deep[32] = 0x91, deep[33] = 0xc0;
    ck_assert_int_eq(decode_put(deep, 34), -TS_LIMIT);
}
END_TEST

START_TEST(the_values_of_a_template_count_together)
{
    enum { HALF = 32768 };
    static uint8_t ones[HALF];

    memset(ones, 1, sizeof ones);
    /* the first of two: 1 + 32,767 values; the second as many, then one more */
    for (uint32_t more = 0; more <= 1; more++) {
        buffer_clear(&body);
        buffer_append(&body,
                      "\x96\x09\x0f\x03\xa1s\x91\x93\x01\xc0\x91\x91\x01\x91\x93\x01\xc0\x92", 18);
        for (uint32_t i = 0; i < 2; i++) {
            uint32_t count = HALF - 1 + (i ? more : 0);
            buffer_append(&body, "\x92\x00\xdc", 3);
            buffer_append_byte(&body, (uint8_t)(count >> 8));
            buffer_append_byte(&body, (uint8_t)count);
            buffer_append(&body, ones, count);
        }
        ck_assert_int_eq(decode_bytes(body.bytes, body.size), more ? -TS_LIMIT : 0);
    }
    ck_assert_str_eq(problem.text, "step 1: field 2: more than 65536 values at all levels");
}
END_TEST

START_TEST(a_template_has_255_fields_at_most)
{
    for (uint32_t count = 255; count <= 256; count++) {
        msgpack_packer packer = buffer_packer(&body);
        buffer_clear(&body);
        buffer_append(&body, "\x96\x09\x0f\x03\xa1s\x91\x93\x01\xc0\x91\x91\x01\x91\x93\x01\xc0",
                      17);
        msgpack_pack_array(&packer, count);
        for (uint32_t i = 0; i < count; i++)
            buffer_append(&body, "\x93\x01\x00\xcc\xfe", 5);
        ck_assert_int_eq(decode_bytes(body.bytes, body.size), count == 255 ? 0 : -TS_LIMIT);
    }
    ck_assert_str_eq(problem.text, "step 1: a tuple of 256 fields: the limit is 255");
}
END_TEST

START_TEST(a_template_has_the_bytes_of_a_tuple_at_most)
{
    const uint32_t size = (16 << 20) - 5;
    uint8_t *value = calloc(1, size + 5);

    ck_assert_ptr_nonnull(value);
    for (uint32_t more = 0; more <= 1; more++) {
        value[0] = 0xc6;
        value[1] = (uint8_t)((size + more) >> 24), value[2] = (uint8_t)((size + more) >> 16);
        value[3] = (uint8_t)((size + more) >> 8), value[4] = (uint8_t)(size + more);
        buffer_clear(&body);
        buffer_append(&body,
                      "\x96\x09\x0f\x03\xa1s\x91\x93\x01\xc0\x91\x91\x01\x91\x93\x01\xc0\x91", 18);
        buffer_append(&body, "\x92\x00", 2);
        buffer_append(&body, value, 5 + size);
        if (more)
            buffer_append_byte(&body, 0);
        ck_assert_int_eq(decode_bytes(body.bytes, body.size), more ? -TS_LIMIT : 0);
    }
    ck_assert_str_eq(problem.text,
                     "step 1: field 1: a tuple of more than 16777216 bytes: that is the limit");
    free(value);
}
END_TEST

START_TEST(a_body_has_16384_steps_at_most)
{
    for (uint32_t count = 16384; count <= 16385; count++) {
        msgpack_packer packer = buffer_packer(&body);
        buffer_clear(&body);
        buffer_append(&body, "\x96\x09\x0f\x03\xa1s\x91\x93\x01\xc0\x91\x91\x01", 13);
        msgpack_pack_array(&packer, count);
        for (uint32_t i = 0; i < count; i++)
            buffer_append(&body, "\x93\x01\xc0\x91\x92\x00\x07", 7);
        ck_assert_int_eq(decode_bytes(body.bytes, body.size), count == 16384 ? 0 : -TS_LIMIT);
    }
    ck_assert_str_eq(problem.text, "16385 steps, where the limit is 16384");
}
END_TEST

START_TEST(options_stand_once)
{
    static const uint8_t guard[] = {0x96, 9,    15, 3,    0xa1, 's', 0x91, 0x94, 3,   0xc0,
                                    0x91, 0x91, 1,  0x82, 10,   5,   10,   5,    0x90};
    static const uint8_t step[] = {0x96, 9,    15,   3,    0xa1, 's',  0x91, 0x93, 1,
                                   0xc0, 0x91, 0x91, 1,    0x91, 0x94, 1,    0xc0, 0x91,
                                   0x92, 0,    1,    0x82, 6,    1,    6,    1};

    ck_assert_int_eq(decode_bytes(guard, sizeof guard), -TS_PROTOCOL);
    ck_assert_str_eq(problem.text, "guard 1: option hold-time stands twice");
    ck_assert_int_eq(decode_bytes(step, sizeof step), -TS_PROTOCOL);
    ck_assert_str_eq(problem.text, "step 1: option priority stands twice");
}
END_TEST

/* --- Right ones ---------------------------------------------------------------------------------- */

static const char whole[] =
    ATOMIC("[1, null, [[0, 5], [2]]], [3, \"t\", [[1]], {10: 9, 11: true}], [4, null, [[8]]]",
           "[1, null, [[0, [{1: \"a\"}]], [1, 1, 254, -9223372036854775808], [1, 0, 3]], {6: -128, "
           "12: 1, 13: "
           "300, 14: true, 15: false}], [2, " TOKEN "], [1, \"u\", [[0, null]]]");

START_TEST(guards_and_steps_come_as_they_were_sent)
{
    ck_assert_msg(decode_text(whole) == 0, "%s", problem.text);
    ck_assert_uint_eq(request.alternative_count, 3);
    ck_assert(span_is(&request.alternatives[0].space, "s"));
    ck_assert(span_is(&request.alternatives[1].space, "t"));
    ck_assert(pattern_is_literal(&request.alternatives[0].pattern, 0));
    ck_assert(request.alternatives[0].pattern.rest);
    ck_assert_int_eq(request.guards[0].kind, TSD_GUARD_IN);
    ck_assert(!request.guards[0].has_hold_time && !request.guards[0].detached);
    ck_assert_int_eq(request.guards[1].kind, TSD_GUARD_HOLD);
    ck_assert(request.guards[1].has_hold_time && request.guards[1].detached);
    ck_assert_uint_eq(request.guards[1].hold_us, 9);
    ck_assert_int_eq(request.guards[2].kind, TSD_GUARD_ABSENT);
    ck_assert_uint_eq(request.body_count, 3);
    ck_assert_uint_eq(request.body_puts, 2);

    const uint8_t *at = request.body.bytes;
    struct step step = step_next(&at, &request.space);
    ck_assert_int_eq(step.kind, TSD_STEP_OUT);
    ck_assert(span_is(&step.space, "s"));
    ck_assert_uint_eq(step.fields, 3);
    ck_assert_uint_eq(step.putting.has, TSD_HAS_PUTTING);
    ck_assert_int_eq(step.putting.priority, -128);
    ck_assert_uint_eq(step.putting.delay_us, 1);
    ck_assert_uint_eq(step.putting.ttl_us, 300);
    ck_assert(step.putting.bound && !step.putting.pulse);
    const uint8_t *p = step.template.bytes;
    struct template_field field = template_next(&p);
    ck_assert_uint_eq(field.size, 5);
    ck_assert_mem_eq(field.value,
                     "\x91\x81\x01\xa1"
                     "a",
                     5);
    field = template_next(&p);
    ck_assert_ptr_null(field.value);
    ck_assert_uint_eq(field.guard, 1);
    ck_assert_uint_eq(field.field, 254);
    ck_assert(field.adds && field.add == INT64_MIN);
    field = template_next(&p);
    ck_assert(!field.value && field.guard == 0 && field.field == 3 && !field.adds);
    ck_assert_ptr_eq(p, step.template.bytes + step.template.size);

    step = step_next(&at, &request.space);
    ck_assert_int_eq(step.kind, TSD_STEP_FINISH);
    ck_assert_uint_eq(step.token.number, 1);
    ck_assert_uint_eq(step.token.secret, 2);
    step = step_next(&at, &request.space);
    ck_assert(span_is(&step.space, "u"));
    ck_assert_uint_eq(step.putting.has, 0);
    ck_assert_ptr_eq(at, request.body.bytes + request.body.size);
}
END_TEST

START_TEST(every_cut_is_malformed)
{
    ck_assert_int_eq(decode_text(whole), 0);
    for (size_t size = 0; size < body.size; size++)
        ck_assert_int_eq(decode_bytes(body.bytes, size), -TS_PROTOCOL);
}
END_TEST

/* Walks all that has been decoded; the sanitizers see where that reads too far. */
static void walk(void)
{
    const uint8_t *at = request.body.bytes;
    uint32_t puts = 0;

    for (uint32_t i = 0; i < request.body_count; i++) {
        struct step step = step_next(&at, &request.space);
        const uint8_t *p = step.template.bytes;
        puts += step.kind == TSD_STEP_OUT;
        for (uint32_t n = 0; n < step.fields; n++) {
            struct template_field field = template_next(&p);
            ck_assert(field.value || field.guard < request.alternative_count);
            ck_assert(field.value || request.guards[field.guard].kind != TSD_GUARD_ABSENT);
        }
        if (step.kind == TSD_STEP_OUT)
            ck_assert_ptr_eq(p, step.template.bytes + step.template.size);
    }
    ck_assert_uint_eq(puts, request.body_puts);
    ck_assert_ptr_eq(at, request.body.bytes + request.body.size);
}

START_TEST(a_changed_byte_never_makes_it_read_past_the_end)
{
    struct random random = random_seeded("test_body");
    unsigned good = 0;

    for (unsigned i = 0; i < 30000; i++) {
        decode_text(whole);
        for (unsigned n = 1 + random_below(&random, 3); n > 0; n--)
            body.bytes[random_below(&random, (uint32_t)body.size)] = (uint8_t)random_next(&random);
        int result = decode_bytes(body.bytes, body.size);
        ck_assert(result == 0 || result == -(int)problem.status);
        if (result == 0 && request.op == TSD_OP_ATOMIC) {
            walk();
            good++;
        }
    }
    ck_assert_uint_gt(good, 0);
}
END_TEST

/* --- Random ones come back ----------------------------------------------------------------------- */

/* What a random body was made from: a field's value is told by its offset and size in `values`. */
struct made_field {
    bool is_value, adds;
    size_t offset, size;
    uint32_t guard, field;
    int64_t add;
};
struct made_step {
    enum tsd_step kind;
    struct token token;
    const char *space; /* NULL: the request's own */
    struct putting putting;
    uint32_t fields;
    struct made_field template[12];
};
struct made {
    struct request request;
    struct buffer patterns[LIMIT_GUARDS], steps, values;
    struct made_step step[12];
};

static void make_guards(struct random *random, struct made *made)
{
    struct request *r = &made->request;

    r->alternative_count = 1 + random_below(random, LIMIT_GUARDS);
    for (uint32_t i = 0; i < r->alternative_count; i++) {
        struct source source = source_of(random);
        struct guard *guard = &r->guards[i];
        const bool timed = random_below(random, 2);

        buffer_clear(&made->patterns[i]);
        put_random_pattern(&made->patterns[i], &source);
        r->alternatives[i].pattern.bytes = made->patterns[i].bytes;
        r->alternatives[i].pattern.size = (uint32_t)made->patterns[i].size;
        r->alternatives[i].space = (struct span){0};
        if (random_below(random, 2))
            r->alternatives[i].space = (struct span){(const uint8_t *)"other", 5};
        *guard = (struct guard){.kind = (enum tsd_guard)(1 + random_below(random, 4))};
        if (guard->kind == TSD_GUARD_HOLD && timed)
            *guard =
                (struct guard){TSD_GUARD_HOLD, true, random_below(random, 2), random_next(random)};
    }
    r->guards[0].kind = TSD_GUARD_RD; /* one at least has a tuple */
    r->guards[0].has_hold_time = r->guards[0].detached = false;
    r->guards[0].hold_us = 0;
}

static void make_field(struct random *random, struct made *made, struct made_field *field)
{
    msgpack_packer packer = buffer_packer(&made->steps);
    struct source source = source_of(random);

    *field = (struct made_field){.is_value = random_below(random, 2)};
    if (field->is_value) {
        field->offset = made->values.size;
        put_random_value(&made->values, &source, 2, true);
        field->size = made->values.size - field->offset;
        msgpack_pack_array(&packer, 2);
        msgpack_pack_uint32(&packer, TSD_TEMPLATE_VALUE);
        buffer_append(&made->steps, made->values.bytes + field->offset, field->size);
        return;
    }
    do {
        field->guard = random_below(random, made->request.alternative_count);
    } while (made->request.guards[field->guard].kind == TSD_GUARD_ABSENT);
    field->field = random_below(random, 255);
    field->adds = random_below(random, 2);
    msgpack_pack_array(&packer, field->adds ? 4 : 3);
    msgpack_pack_uint32(&packer, TSD_TEMPLATE_FIELD);
    msgpack_pack_uint32(&packer, field->guard);
    msgpack_pack_uint32(&packer, field->field);
    if (field->adds) {
        field->add = (int64_t)random_next(random) >> random_below(random, 64);
        msgpack_pack_int64(&packer, field->add);
    }
}

static void make_options(struct random *random, struct made *made, struct putting *putting)
{
    msgpack_packer packer = buffer_packer(&made->steps);

    msgpack_pack_map(&packer, (size_t)__builtin_popcountll(putting->has));
    if (putting->has & TSD_HAS(BOUND)) {
        putting->bound = random_below(random, 2);
        msgpack_pack_uint32(&packer, TSD_OPTION_BOUND);
        (void)(putting->bound ? msgpack_pack_true(&packer) : msgpack_pack_false(&packer));
    }
    if (putting->has & TSD_HAS(PRIORITY)) {
        putting->priority = (int8_t)random_next(random);
        msgpack_pack_uint32(&packer, TSD_OPTION_PRIORITY);
        msgpack_pack_int8(&packer, putting->priority);
    }
    if (putting->has & TSD_HAS(DELAY)) {
        putting->delay_us = random_next(random) >> (1 + random_below(random, 63));
        msgpack_pack_uint32(&packer, TSD_OPTION_DELAY);
        msgpack_pack_uint64(&packer, putting->delay_us);
    }
    if (putting->has & TSD_HAS(TTL)) {
        putting->ttl_us = putting->delay_us + 1 + random_below(random, 300);
        msgpack_pack_uint32(&packer, TSD_OPTION_TTL);
        msgpack_pack_uint64(&packer, putting->ttl_us);
    }
    if (putting->has & TSD_HAS(PULSE)) {
        putting->pulse = !putting->bound && !(putting->has & (TSD_HAS(DELAY) | TSD_HAS(TTL)));
        msgpack_pack_uint32(&packer, TSD_OPTION_PULSE);
        (void)(putting->pulse ? msgpack_pack_true(&packer) : msgpack_pack_false(&packer));
    }
}

static void make_put(struct random *random, struct made *made, struct made_step *step)
{
    msgpack_packer packer = buffer_packer(&made->steps);
    const bool options = random_below(random, 2);

    step->space = random_below(random, 2) ? "other" : NULL;
    step->fields = 1 + random_below(random, 12);
    step->putting.has = options ? (uint32_t)random_next(random) & TSD_HAS_PUTTING : 0;
    msgpack_pack_array(&packer, options ? 4 : 3);
    msgpack_pack_uint32(&packer, TSD_STEP_OUT);
    if (step->space)
        buffer_pack_str(&made->steps, step->space, strlen(step->space));
    else
        msgpack_pack_nil(&packer);
    msgpack_pack_array(&packer, step->fields);
    for (uint32_t i = 0; i < step->fields; i++)
        make_field(random, made, &step->template[i]);
    if (options)
        make_options(random, made, &step->putting);
    made->request.body_puts++;
}

static void make_step(struct random *random, struct made *made, struct made_step *step)
{
    msgpack_packer packer = buffer_packer(&made->steps);

    *step = (struct made_step){.kind = random_below(random, 3) ? TSD_STEP_OUT : TSD_STEP_FINISH};
    if (step->kind == TSD_STEP_OUT) {
        make_put(random, made, step);
        return;
    }
    step->token = (struct token){false, random_next(random), random_next(random)};
    msgpack_pack_array(&packer, 2);
    msgpack_pack_uint32(&packer, TSD_STEP_FINISH);
    token_encode(&step->token, &made->steps);
}

static void make_atomic(struct random *random, struct made *made)
{
    struct request *r = &made->request;

    *r = (struct request){.number = 7, .op = TSD_OP_ATOMIC, .min = 1, .max = 1};
    r->space = (struct span){(const uint8_t *)"main", 4};
    make_guards(random, made);
    buffer_clear(&made->steps);
    buffer_clear(&made->values);
    r->body_count = random_below(random, 13);
    for (uint32_t i = 0; i < r->body_count; i++)
        make_step(random, made, &made->step[i]);
    r->body = (struct span){made->steps.bytes, (uint32_t)made->steps.size};
}

static void assert_field(const struct made *made, const struct made_field *sent,
                         const struct template_field *field)
{
    ck_assert_int_eq(sent->is_value, field->value != NULL);
    if (sent->is_value) {
        ck_assert_uint_eq(field->size, sent->size);
        ck_assert_mem_eq(field->value, made->values.bytes + sent->offset, sent->size);
        return;
    }
    ck_assert_uint_eq(field->guard, sent->guard);
    ck_assert_uint_eq(field->field, sent->field);
    ck_assert_int_eq(field->adds, sent->adds);
    ck_assert_int_eq(field->add, sent->add);
}

static void assert_step(const struct made *made, const struct made_step *sent,
                        const struct step *step)
{
    const uint8_t *p = step->template.bytes;

    ck_assert_int_eq(step->kind, sent->kind);
    if (sent->kind == TSD_STEP_FINISH) {
        ck_assert_uint_eq(step->token.number, sent->token.number);
        ck_assert_uint_eq(step->token.secret, sent->token.secret);
        return;
    }
    ck_assert(span_is(&step->space, sent->space ? sent->space : "main"));
    ck_assert_uint_eq(step->putting.has, sent->putting.has);
    ck_assert_int_eq(step->putting.priority, sent->putting.priority);
    ck_assert_int_eq(step->putting.bound, sent->putting.bound);
    ck_assert_int_eq(step->putting.pulse, sent->putting.pulse);
    ck_assert_uint_eq(step->putting.ttl_us, sent->putting.ttl_us);
    ck_assert_uint_eq(step->putting.delay_us, sent->putting.delay_us);
    ck_assert_uint_eq(step->fields, sent->fields);
    for (uint32_t i = 0; i < sent->fields; i++) {
        struct template_field field = template_next(&p);
        assert_field(made, &sent->template[i], &field);
    }
}

static void assert_guards(const struct request *sent)
{
    ck_assert_uint_eq(request.alternative_count, sent->alternative_count);
    for (uint32_t i = 0; i < sent->alternative_count; i++) {
        const struct alternative *a = &sent->alternatives[i], *b = &request.alternatives[i];
        ck_assert(span_is(&b->space, a->space.size ? "other" : "main"));
        ck_assert_uint_eq(b->pattern.size, a->pattern.size);
        ck_assert_mem_eq(b->pattern.bytes, a->pattern.bytes, a->pattern.size);
        ck_assert_int_eq(request.guards[i].kind, sent->guards[i].kind);
        ck_assert_int_eq(request.guards[i].has_hold_time, sent->guards[i].has_hold_time);
        ck_assert_int_eq(request.guards[i].detached, sent->guards[i].detached);
        ck_assert_uint_eq(request.guards[i].hold_us, sent->guards[i].hold_us);
    }
}

START_TEST(random_atomics_come_back)
{
    struct random random = random_seeded("test_body");
    static struct made made;
    struct buffer out = BUFFER_INIT;

    for (unsigned round = 0; round < 3000; round++) {
        make_atomic(&random, &made);
        buffer_clear(&out);
        request_encode(&made.request, &out);
        int error = decode_bytes(out.bytes + FRAME_HEAD, out.size - FRAME_HEAD);
        ck_assert_msg(!error, "%s", problem.text);
        assert_guards(&made.request);
        ck_assert_uint_eq(request.body_count, made.request.body_count);
        ck_assert_uint_eq(request.body_puts, made.request.body_puts);
        const uint8_t *at = request.body.bytes;
        for (uint32_t i = 0; i < request.body_count; i++) {
            struct step step = step_next(&at, &request.space);
            assert_step(&made, &made.step[i], &step);
        }
        ck_assert_ptr_eq(at, request.body.bytes + request.body.size);
    }
    buffer_deinit(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("body");
    TCase *tests = tcase_create("body");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, what_breaks_a_rule_is_refused_with_its_place, 0, COUNT_OF(refused));
    tcase_add_loop_test(tests, what_has_another_form_is_malformed, 0, COUNT_OF(malformed));
    tcase_add_test(tests, the_place_of_a_problem_is_a_byte_of_the_frame);
    tcase_add_test(tests, a_value_of_a_template_is_one_of_a_tuple);
    tcase_add_test(tests, the_values_of_a_template_count_together);
    tcase_add_test(tests, a_template_has_255_fields_at_most);
    tcase_add_test(tests, a_template_has_the_bytes_of_a_tuple_at_most);
    tcase_add_test(tests, a_body_has_16384_steps_at_most);
    tcase_add_test(tests, options_stand_once);
    tcase_add_test(tests, guards_and_steps_come_as_they_were_sent);
    tcase_add_test(tests, every_cut_is_malformed);
    tcase_add_test(tests, a_changed_byte_never_makes_it_read_past_the_end);
    tcase_add_test(tests, random_atomics_come_back);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
