/* SPDX-License-Identifier: MIT */
/*
 * Patterns: an input is a pattern, then tuples. Whether it matches them is asked of the matcher and
 * of a naive one (rules P1 to P7). What hangs on a regular expression is only tried: the naive
 * matcher has others.
 */
#include "contrib/fuzz/fuzz.h"
#include "protocol/tuple.h"
#include "protocol/utf8.h"
#include "protocol/value.h"
#include "space/match.h"
#include "space/regex.h"
#include "unit/space/naive_match.h"

const unsigned fuzz_replays = 20000;

enum { TUPLES_MOST = 4 };

static struct pattern_room room;

/* --- Expressions --- */

struct compiled {
    struct regex_engine *engine;
    struct regex *list[LIMIT_PATTERN_MATCHERS];
};

/* False where one does not compile. */
static bool compile(struct compiled *compiled, const struct pattern *pattern)
{
    bool all = true;
    compiled->engine = regex_engine_new();
    for (unsigned i = 0; i < pattern->node_count; i++) {
        const struct matcher *node = &pattern->nodes[i];
        struct problem problem = {0};
        struct value str;
        if (node->op != TSD_M_REGEX)
            continue;
        value_read_trusted(pattern->bytes + node->a, &str);
        FUZZ_CHECK(node->children < pattern->expressions, "expression %u", node->children);
        compiled->list[node->children] =
            regex_new(compiled->engine, str.bytes, str.length, node->b, &problem);
        all = all && compiled->list[node->children];
        FUZZ_CHECK(compiled->list[node->children] || problem.offset <= str.length, "%s",
                   problem.text);
    }
    return all;
}

static void free_compiled(struct compiled *compiled, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        compiled->list[i] = regex_free(compiled->list[i]);
    regex_engine_free(compiled->engine);
}

/* --- The naive matcher --- */

/* The REGEX matchers, in the pattern's order; false where there are too many. */
static bool find_expressions(struct naive *naive, const msgpack_object *m)
{
    const msgpack_object *operands = m->via.array.ptr + 1;
    const uint64_t op = m->via.array.ptr[0].via.u64;
    const uint32_t count = m->via.array.size - 1, step = op == TSD_M_PAIRS ? 2 : 1;
    if (op == TSD_M_REGEX) {
        if (naive->count == NAIVE_EXPRESSIONS)
            return false;
        naive->expressions[naive->count++] = m;
        return true;
    }
    if (op != TSD_M_PAIRS && op != TSD_M_ELEMENTS && op != TSD_M_OR && op != TSD_M_AND &&
        op != TSD_M_NOT)
        return true;
    for (uint32_t i = step - 1; i < count; i += step)
        if (!find_expressions(naive, &operands[i]))
            return false;
    return true;
}

static bool find_all_expressions(struct naive *naive, const msgpack_object *pattern)
{
    for (uint32_t i = 0; i < pattern->via.array.size; i++)
        if (!find_expressions(naive, &pattern->via.array.ptr[i]))
            return false;
    return true;
}

/* False where msgpack-c does not unpack it: it knows fewer levels. */
static bool unpack(msgpack_unpacked *unpacked, const uint8_t *bytes, size_t size)
{
    msgpack_unpacked_init(unpacked);
    return msgpack_unpack_next(unpacked, (const char *)bytes, size, NULL) == MSGPACK_UNPACK_SUCCESS;
}

/* --- Both --- */

static bool matches(const struct pattern *pattern, struct regex *const *expressions,
                    const uint8_t *tuple)
{
    struct match match = {.expressions = expressions};
    return match_tuple(&match, pattern, tuple);
}

static void compare(const struct pattern *pattern, struct regex *const *expressions,
                    const struct tuple_view *tuple)
{
    msgpack_unpacked ours[2];
    struct naive naive = {.assumed = -1};
    const bool unpacked = unpack(&ours[0], pattern->bytes, pattern->size);
    const bool both = unpack(&ours[1], tuple->bytes, tuple->size) && unpacked;
    const msgpack_object *m = &ours[0].data, *t = &ours[1].data;
    if (!both || !find_all_expressions(&naive, m) || naive_hangs(&naive, m, t)) {
        matches(pattern, expressions, tuple->bytes);
    } else {
        naive.assumed = 0; /* whatever they say, it is the same; a try would be a crash (rule P3) */
        const bool expected = naive_run(&naive, m->via.array.ptr, m->via.array.size,
                                        t->via.array.ptr, t->via.array.size);
        FUZZ_CHECK(matches(pattern, NULL, tuple->bytes) == expected, "it %s",
                   expected ? "matches" : "does not match");
    }
    msgpack_unpacked_destroy(&ours[0]);
    msgpack_unpacked_destroy(&ours[1]);
}

/* Field by field it says what it says as a whole. */
static void check_fields(const struct pattern *pattern, struct regex *const *expressions,
                         const struct tuple_view *tuple)
{
    const struct matcher *node = pattern->nodes;
    const uint8_t *field = tuple_first(tuple->bytes);
    bool all = pattern->rest ? tuple->fields >= pattern->fields : tuple->fields == pattern->fields;
    for (unsigned i = 0; i < pattern->fields && all; i++) {
        struct match match = {.expressions = expressions};
        const bool literal = pattern_is_literal(pattern, i);
        FUZZ_CHECK(literal == (pattern_literal(pattern, i) != NULL), "field %u", i);
        all = match_field(&match, pattern, node, field);
        node += node->skip;
        field = value_skip_trusted(field);
    }
    FUZZ_CHECK(matches(pattern, expressions, tuple->bytes) == all, "by field it is %d", all);
}

static void try_tuples(const struct pattern *pattern, struct regex *const *expressions,
                       struct fuzz_input input)
{
    struct tuple_view tuple;
    struct problem problem;
    for (int i = 0; i < TUPLES_MOST; i++) {
        if (tuple_check(input.at, input.at + input.left, &tuple, &problem) < 0)
            return;
        uint8_t *copy = fuzz_copy(tuple.bytes, tuple.size);
        const struct tuple_view exact = {copy, tuple.size, tuple.fields};
        compare(pattern, expressions, &exact);
        check_fields(pattern, expressions, &exact);
        free(copy);
        input.at += tuple.size;
        input.left -= tuple.size;
    }
}

/* A copy of the pattern in one block: what it says does not hang on where it was. */
static void try_copy(const struct pattern *pattern, struct regex *const *expressions,
                     struct fuzz_input input)
{
    struct pattern copy;
    void *block = malloc(pattern_copy_size(pattern));
    pattern_copy(pattern, block, &copy);
    try_tuples(&copy, expressions, input);
    free(block);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct compiled compiled;
    struct pattern pattern;
    struct problem problem = {0};
    const uint8_t *after;
    room.used = 0;
    const int error = pattern_check(bytes, bytes + size, &room, &pattern, &after, &problem);
    if (error < 0) {
        FUZZ_CHECK(problem.status == (enum ts_status) - error, "status %d", error);
        FUZZ_CHECK(problem.offset <= size, "offset %zu of %zu", problem.offset, size);
        FUZZ_CHECK(utf8_is_valid(problem.text, strlen(problem.text)), "%s", problem.text);
        return 0;
    }
    FUZZ_CHECK(after == bytes + pattern.size, "it ends elsewhere");
    if (compile(&compiled, &pattern))
        try_copy(&pattern, compiled.list, (struct fuzz_input){after, size - pattern.size});
    free_compiled(&compiled, pattern.expressions);
    return 0;
}
