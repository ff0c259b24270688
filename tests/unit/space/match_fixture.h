/* SPDX-License-Identifier: MIT */
/*
 * For tests of matching: a checked pattern with its expressions compiled.
 */
#ifndef TSD_TESTS_MATCH_FIXTURE_H
#define TSD_TESTS_MATCH_FIXTURE_H

#include <check.h>
#include <stdlib.h>

#include "protocol/pattern.h"
#include "protocol/value.h"
#include "space/match.h"
#include "space/regex.h"

struct compiled {
    struct pattern_room room;
    struct pattern pattern;
    struct regex_engine *engine;
    struct regex *expressions[LIMIT_PATTERN_MATCHERS];
};

/* Of the pattern's bytes, which must outlive it. */
static inline struct compiled *compiled_new(const uint8_t *bytes, size_t size)
{
    struct compiled *compiled = calloc(1, sizeof(*compiled));
    struct problem problem;

    ck_assert_ptr_nonnull(compiled);
    compiled->engine = regex_engine_new();
    if (pattern_check(bytes, bytes + size, &compiled->room, &compiled->pattern, NULL, &problem) < 0)
        ck_abort_msg("pattern: %s", problem.text);
    for (unsigned i = 0; i < compiled->pattern.node_count; i++) {
        const struct matcher *node = &compiled->pattern.nodes[i];
        struct value str;
        if (node->op != TSD_M_REGEX)
            continue;
        value_read_trusted(bytes + node->a, &str);
        compiled->expressions[node->children] =
            regex_new(compiled->engine, str.bytes, str.length, node->b, &problem);
        if (!compiled->expressions[node->children])
            ck_abort_msg("expression: %s", problem.text);
    }
    return compiled;
}

static inline void compiled_free(struct compiled *compiled)
{
    for (unsigned i = 0; i < compiled->pattern.expressions; i++)
        regex_free(compiled->expressions[i]);
    regex_engine_free(compiled->engine);
    free(compiled);
}

#endif
