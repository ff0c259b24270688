/* SPDX-License-Identifier: MIT */
#include "space/expressions.h"

#include <assert.h>

#include "base/alloc.h"
#include "protocol/value.h"
#include "space/regex_cache.h"
#include "space/state.h"

/* The different expressions that a user waits with, and how many requests with each. */
struct regex_user {
    struct table_node node;
    uint32_t user;
    uint32_t count;
    struct {
        const struct regex *regex;
        uint32_t requests;
    } waiting[LIMIT_REGEX_WAITING];
};

int expressions_init(struct expressions *expressions, const struct hash_key *key)
{
    table_init(&expressions->users);
    expressions->cache = regex_cache_new(key);
    return expressions->cache ? 0 : -1;
}

void expressions_deinit(struct expressions *expressions)
{
    if (expressions->cache)
        expressions->cache = regex_cache_free(expressions->cache);
    assert(table_count(&expressions->users) == 0);
    table_deinit(&expressions->users);
}

/* The number (from 1) of the field whose matcher the node belongs to. */
static unsigned field_of(const struct pattern *pattern, unsigned node)
{
    unsigned field = 0;
    for (unsigned at = 0; at <= node; at += pattern->nodes[at].skip)
        field++;
    return field;
}

static int compile(struct engine *engine, struct query_part *part, unsigned node,
                   struct problem *problem)
{
    const struct pattern *pattern = &part->pattern;
    const struct matcher *matcher = &pattern->nodes[node];
    struct value text;
    value_read_trusted(pattern->bytes + matcher->a, &text);
    struct regex *regex = regex_cache_acquire(engine->expressions.cache, text.bytes, text.length,
                                              matcher->b != 0, problem);
    if (!regex) {
        problem_within(problem, "field %u", field_of(pattern, node));
        return -1;
    }
    part->expressions[matcher->children] = regex;
    return 0;
}

int expressions_compile(struct engine *engine, struct query_part *part, struct problem *problem)
{
    const struct pattern *pattern = &part->pattern;
    part->expressions = NULL;
    if (pattern->expressions == 0)
        return 0;
    part->expressions = mem_zalloc(pattern->expressions * sizeof(struct regex *));
    if (!part->expressions) {
        problem_set(problem, TS_NO_MEMORY, 0, "no memory for the pattern's regular expressions");
        return -1;
    }
    for (unsigned node = 0; node < pattern->node_count; node++) {
        if (pattern->nodes[node].op == TSD_M_REGEX && compile(engine, part, node, problem) < 0) {
            expressions_release(engine, part);
            return -1;
        }
    }
    return 0;
}

void expressions_release(struct engine *engine, struct query_part *part)
{
    if (!part->expressions)
        return;
    for (unsigned i = 0; i < part->pattern.expressions; i++)
        if (part->expressions[i])
            regex_cache_release(engine->expressions.cache, part->expressions[i]);
    mem_free(part->expressions);
    part->expressions = NULL;
}

static uint32_t user_hash(const struct engine *engine, uint32_t user)
{
    return (uint32_t)hash_bytes(&engine->options.key, &user, sizeof user);
}

static struct regex_user *user_find(const struct engine *engine, uint32_t user)
{
    const uint32_t hash = user_hash(engine, user);
    struct table_node *node = table_first(&engine->expressions.users, hash);
    for (; node; node = table_next(node, hash)) {
        struct regex_user *found = container_of(node, struct regex_user, node);
        if (found->user == user)
            return found;
    }
    return NULL;
}

static struct regex_user *user_make(struct engine *engine, uint32_t user)
{
    struct regex_user *found = user_find(engine, user);
    if (found)
        return found;
    found = mem_zalloc(sizeof *found);
    if (!found)
        return NULL;
    found->user = user;
    if (table_insert(&engine->expressions.users, &found->node, user_hash(engine, user)) < 0) {
        mem_free(found);
        return NULL;
    }
    return found;
}

static void user_drop_if_empty(struct engine *engine, struct regex_user *user)
{
    if (user->count > 0)
        return;
    table_remove(&engine->expressions.users, &user->node);
    mem_free(user);
}

static int charge_one(struct regex_user *user, const struct regex *regex)
{
    uint32_t at = 0;
    while (at < user->count && user->waiting[at].regex != regex)
        at++;
    if (at == LIMIT_REGEX_WAITING)
        return -1;
    if (at == user->count) {
        user->waiting[at].regex = regex;
        user->waiting[at].requests = 0;
        user->count++;
    }
    user->waiting[at].requests++;
    return 0;
}

static void discharge_one(struct regex_user *user, const struct regex *regex)
{
    uint32_t at = 0;
    while (user->waiting[at].regex != regex)
        at++;
    if (--user->waiting[at].requests == 0)
        user->waiting[at] = user->waiting[--user->count];
}

/* Gives back the first `count` expressions of the query, over all its parts. */
static void discharge(struct engine *engine, struct regex_user *user, const struct query *query,
                      uint32_t count)
{
    assert(user); /* what is given back was charged */
    for (uint32_t i = 0; i < query->part_count; i++)
        for (uint32_t j = 0; j < query->parts[i].pattern.expressions && count > 0; j++, count--)
            discharge_one(user, query->parts[i].expressions[j]);
    user_drop_if_empty(engine, user);
}

static uint32_t expressions_of(const struct query *query)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < query->part_count; i++)
        count += query->parts[i].pattern.expressions;
    return count;
}

int expressions_charge(struct engine *engine, uint32_t uid, const struct query *query,
                       struct problem *problem)
{
    if (expressions_of(query) == 0)
        return 0;
    struct regex_user *user = user_make(engine, uid);
    if (!user) {
        problem_set(problem, TS_NO_MEMORY, 0, "no memory for the pattern's regular expressions");
        return -1;
    }
    uint32_t charged = 0;
    for (uint32_t i = 0; i < query->part_count; i++) {
        for (uint32_t j = 0; j < query->parts[i].pattern.expressions; j++, charged++) {
            if (charge_one(user, query->parts[i].expressions[j]) == 0)
                continue;
            discharge(engine, user, query, charged);
            problem_set(problem, TS_LIMIT, 0,
                        "user %u waits with %d different regular expressions already", uid,
                        LIMIT_REGEX_WAITING);
            return -1;
        }
    }
    return 0;
}

void expressions_discharge(struct engine *engine, uint32_t uid, const struct query *query)
{
    const uint32_t count = expressions_of(query);
    if (count > 0)
        discharge(engine, user_find(engine, uid), query, count);
}
