/* SPDX-License-Identifier: MIT */
/*
 * Values: an input is some of them one after the other. Each is read, skipped and checked, and
 * compared with what msgpack-c makes of it and with the rules as they are said; neighbours are
 * compared with each other.
 */
#include "contrib/fuzz/fuzz.h"
#include "protocol/equal.h"
#include "protocol/limits.h"
#include "protocol/tuple.h"
#include "unit/protocol/plain_values.h"

const unsigned fuzz_replays = 20000;

enum { VALUES_MOST = 8 };

static const struct hash_key key = {1, 2};

/* What they unpacked; false where they are not asked. */
static bool unpack(const uint8_t *p, size_t size, const uint8_t *end, msgpack_unpacked *unpacked,
                   bool *taken)
{
    const uint8_t *walk = p;
    size_t offset = 0;
    if (!promises_little(p, size) || (end && levels_of(&walk) >= PLAIN_LEVELS))
        return false;
    msgpack_unpacked_init(unpacked);
    const msgpack_unpack_return result =
        msgpack_unpack_next(unpacked, (const char *)p, size, &offset);
    *taken = result == MSGPACK_UNPACK_SUCCESS || result == MSGPACK_UNPACK_EXTRA_BYTES;
    FUZZ_CHECK(!*taken || !end || offset == (size_t)(end - p), "they end at %zu", offset);
    return true;
}

/* A checked value beside what they made of it. */
static void compare(const uint8_t *p, const uint8_t *end, const uint8_t *checked,
                    const struct problem *problem, const msgpack_object *theirs)
{
    const uint8_t *walk = p;
    FUZZ_CHECK(plain_same(theirs, &walk) && walk == end, "they unpack another value");
    FUZZ_CHECK((checked != NULL) == plain_valid(theirs), "%s", checked ? "passed" : problem->text);
    FUZZ_CHECK(checked || problem->status == TS_MALFORMED, "status %d", (int)problem->status);
}

static void check_refused(size_t size, const struct problem *problem)
{
    FUZZ_CHECK(problem->status == TS_MALFORMED || problem->status == TS_LIMIT ||
                   problem->status == TS_PROTOCOL,
               "status %d", (int)problem->status);
    FUZZ_CHECK(problem->offset <= size, "offset %zu of %zu", problem->offset, size);
    FUZZ_CHECK(plain_utf8(problem->text, (uint32_t)strlen(problem->text)), "a sentence in UTF-8");
}

/* The value at p in a block of exactly its size. */
static const uint8_t *check_value(const uint8_t *p, size_t size)
{
    struct value_budget budget = {LIMIT_TUPLE_VALUES, LIMIT_DEPTH};
    struct problem problem = {0};
    msgpack_unpacked unpacked;
    bool taken;
    const uint8_t *end = value_skip(p, p + size);
    const uint8_t *checked = value_check(p, p + size, &budget, &problem);

    FUZZ_CHECK(!checked || checked == end, "value_check and value_skip end at different places");
    if (!checked)
        check_refused(size, &problem);
    if (unpack(p, size, end, &unpacked, &taken)) {
        FUZZ_CHECK((end != NULL) == taken, "msgpack-c %s it", taken ? "takes" : "refuses");
        if (taken && problem.status != TS_LIMIT)
            compare(p, end, checked, &problem, &unpacked.data);
        msgpack_unpacked_destroy(&unpacked);
    }
    return checked;
}

static void check_tuple(const uint8_t *p, size_t size)
{
    struct tuple_view tuple;
    struct problem problem = {0};
    const int error = tuple_check(p, p + size, &tuple, &problem);
    if (error < 0) {
        FUZZ_CHECK(problem.status == (enum ts_status) - error, "status %d", error);
        FUZZ_CHECK(problem.offset <= size, "offset %zu of %zu", problem.offset, size);
        return;
    }
    const struct tuple_view again = tuple_at(p);
    const uint8_t *field = tuple_first(p);
    for (uint32_t i = 0; i < tuple.fields; i++)
        field = value_skip_trusted(field);
    FUZZ_CHECK(field == p + tuple.size, "the fields are not the tuple");
    FUZZ_CHECK(again.size == tuple.size && again.fields == tuple.fields, "another view");
}

static void unpack_checked(const uint8_t *p, const uint8_t *end, msgpack_unpacked *unpacked)
{
    msgpack_unpacked_init(unpacked);
    FUZZ_CHECK(msgpack_unpack_next(unpacked, (const char *)p, (size_t)(end - p), NULL) ==
                   MSGPACK_UNPACK_SUCCESS,
               "it was unpacked before");
}

/* Two checked values, each up to the other's begin. */
static void check_pair(const uint8_t *a, const uint8_t *b, const uint8_t *end)
{
    const bool equal = value_equal(a, b);
    const enum order order = value_compare(a, b), back = value_compare(b, a);
    const uint8_t *walk[2] = {a, b};
    msgpack_unpacked unpacked[2];

    FUZZ_CHECK(equal == value_equal(b, a), "equal one way only");
    FUZZ_CHECK(!equal || value_hash(&key, a) == value_hash(&key, b), "equal, and hash otherwise");
    FUZZ_CHECK(order == ORDER_NONE ? back == ORDER_NONE : order == -back, "order %d and %d", order,
               back);
    FUZZ_CHECK(order == ORDER_NONE || equal == (order == ORDER_EQUAL), "order %d", order);
    if (levels_of(&walk[0]) >= PLAIN_LEVELS || levels_of(&walk[1]) >= PLAIN_LEVELS)
        return;
    unpack_checked(a, b, &unpacked[0]);
    unpack_checked(b, end, &unpacked[1]);
    FUZZ_CHECK(equal == plain_equal(&unpacked[0].data, &unpacked[1].data), "equal: %d", equal);
    msgpack_unpacked_destroy(&unpacked[0]);
    msgpack_unpacked_destroy(&unpacked[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const uint8_t *p = bytes, *end = bytes + size, *before = NULL;
    for (int i = 0; i < VALUES_MOST && p < end; i++) {
        uint8_t *copy = fuzz_copy(p, (size_t)(end - p));
        const uint8_t *after = check_value(copy, (size_t)(end - p));
        const size_t taken = after ? (size_t)(after - copy) : 0;
        check_tuple(copy, (size_t)(end - p));
        free(copy);
        if (!after)
            break;
        if (before)
            check_pair(before, p, p + taken);
        before = p;
        p += taken;
    }
    return 0;
}
