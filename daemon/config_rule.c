/* SPDX-License-Identifier: MIT */
/*
 * The rules for spaces: [space NAME] and --space.
 */
#include <stdio.h>
#include <string.h>

#include "base/must.h"
#include "daemon/config.h"
#include "daemon/config_value.h"
#include "protocol/name_check.h"
#include "protocol/nearest.h"

int config_rule(struct config *config, const char *name, size_t size, uint32_t *index,
                struct problem *problem)
{
    const bool prefix = size > 0 && name[size - 1] == '*';
    const struct span wanted = {(const uint8_t *)name, (uint32_t)(size - prefix)};
    uint8_t *copy;

    /* that of all spaces is empty */
    if (!(prefix && wanted.size == 0) &&
        name_check(wanted.bytes, size - prefix, "space", problem) < 0)
        return -(int)problem->status;
    for (*index = 0; *index < config->rule_count; ++*index)
        if (config->rules[*index].prefix == prefix &&
            span_equal(&config->rules[*index].name, &wanted))
            return 0;
    if (*index == CONFIG_MOST_RULES)
        return problem_set(problem, TS_LIMIT, 0, "there are more than %d rules for spaces",
                           CONFIG_MOST_RULES);
    if (*index == config->rule_capacity)
        config->rules = must_grow(config->rules, &config->rule_capacity, sizeof(*config->rules));
    copy = must_have(mem_alloc(wanted.size));
    memcpy(copy, wanted.bytes, wanted.size);
    config->rules[config->rule_count++] =
        (struct rule){.name = {copy, wanted.size}, .prefix = prefix};
    return 0;
}

static int set_owner(struct rule *rule, const char *value, struct problem *problem)
{
    return config_value_user(value, &rule->owner, problem);
}

static int set_group(struct rule *rule, const char *value, struct problem *problem)
{
    return config_value_group(value, &rule->group, problem);
}

static int set_mode(struct rule *rule, const char *value, struct problem *problem)
{
    return config_value_rights(value, &rule->mode, problem);
}

static int no_such_key(const char *key, struct problem *problem)
{
    struct nearest nearest = nearest_to(key);

#define OFFER(field, name, ...) nearest_offer(&nearest, name);
    CONFIG_RULE_KEYS(OFFER)
#undef OFFER
    return problem_set(problem, TS_INVALID, 0,
                       nearest.name ? "there is no key %s of a space; the nearest is %s"
                                    : "there is no key %s of a space, but owner, group and mode",
                       key, nearest.name);
}

int config_set_rule(struct rule *rule, const char *key, const char *value, bool once,
                    struct problem *problem)
{
#define SET(field, name, ...)                                                                      \
    if (strcmp(key, name) == 0) {                                                                  \
        if (once && rule->has_##field)                                                             \
            return problem_set(problem, TS_INVALID, 0, "%s is set twice for this space", key);     \
        if (set_##field(rule, value, problem) < 0)                                                 \
            return -(int)problem->status;                                                          \
        rule->has_##field = true;                                                                  \
        return 0;                                                                                  \
    }
    CONFIG_RULE_KEYS(SET)
#undef SET
    return no_such_key(key, problem);
}
