/* SPDX-License-Identifier: MIT */
#include "space/regex_cache.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"

struct regex_cache {
    struct regex_engine *engine;
    struct hash_key key;
    struct table table;                 /* all of them, by expression and flag */
    TAILQ_HEAD(regex_list, regex) idle; /* those without a user, the longest so first */
    uint32_t idle_count;
};

struct regex_cache *regex_cache_new(const struct hash_key *key)
{
    CLEANUP(mem_free) struct regex_cache *cache = mem_zalloc(sizeof(*cache));

    if (!cache || !(cache->engine = regex_engine_new()))
        return NULL;
    cache->key = *key;
    table_init(&cache->table);
    TAILQ_INIT(&cache->idle);
    return STEAL(cache);
}

static void idle_remove(struct regex_cache *cache, struct regex *regex)
{
    TAILQ_REMOVE(&cache->idle, regex, idle);
    cache->idle_count--;
}

static void cache_drop_oldest(struct regex_cache *cache)
{
    struct regex *oldest = TAILQ_FIRST(&cache->idle);

    idle_remove(cache, oldest);
    table_remove(&cache->table, &oldest->node);
    regex_free(oldest);
}

struct regex_cache *regex_cache_free(struct regex_cache *cache)
{
    if (!cache)
        return NULL;
    while (cache->idle_count > 0)
        cache_drop_oldest(cache);
    assert(table_count(&cache->table) == 0);
    table_deinit(&cache->table);
    regex_engine_free(cache->engine);
    mem_free(cache);
    return NULL;
}

static struct regex *cache_find(const struct regex_cache *cache, uint32_t hash,
                                const uint8_t *expression, size_t size, bool ignore_case)
{
    struct table_node *node;

    for (node = table_first(&cache->table, hash); node; node = table_next(node, hash)) {
        struct regex *regex = container_of(node, struct regex, node);
        if (regex->size == size && regex->ignore_case == ignore_case &&
            memcmp(regex->expression, expression, size) == 0)
            return regex;
    }
    return NULL;
}

struct regex *regex_cache_acquire(struct regex_cache *cache, const uint8_t *expression, size_t size,
                                  bool ignore_case, struct problem *problem)
{
    uint32_t hash = (uint32_t)hash_bytes(&cache->key, expression, size);
    struct regex *regex = cache_find(cache, hash, expression, size, ignore_case);

    if (regex) {
        if (regex->refs++ == 0)
            idle_remove(cache, regex);
        return regex;
    }
    regex = regex_new(cache->engine, expression, size, ignore_case, problem);
    if (!regex)
        return NULL;
    if (table_insert(&cache->table, &regex->node, hash) < 0) {
        problem_set(problem, TS_NO_MEMORY, 0, "no memory for a regular expression");
        return regex_free(regex);
    }
    regex->refs = 1;
    return regex;
}

void regex_cache_release(struct regex_cache *cache, struct regex *regex)
{
    assert(regex->refs > 0);
    if (--regex->refs > 0)
        return;
    TAILQ_INSERT_TAIL(&cache->idle, regex, idle);
    if (++cache->idle_count > REGEX_CACHE_IDLE)
        cache_drop_oldest(cache);
}
