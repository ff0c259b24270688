/* SPDX-License-Identifier: MIT */
#include "users.h"

#include <string.h>

enum { ADA = 7, BEN = 8, CAT = 9, SHARED = 50 };

const struct naive_user *users_of(uint64_t session, bool rights)
{
    static const struct naive_user administrators[] = {
        {.uid = ADA, .group_count = 1, .groups = {ADA}, .administrator = true},
        {.uid = BEN, .group_count = 1, .groups = {BEN}, .administrator = true},
    };
    static const struct naive_user users[] = {
        {.uid = ADA, .group_count = 2, .groups = {ADA, SHARED}},
        {.uid = BEN, .group_count = 2, .groups = {BEN, SHARED}},
        {.uid = CAT, .group_count = 1, .groups = {CAT}},
        {.uid = 0, .group_count = 1, .groups = {0}, .administrator = true},
    };
    if (!rights)
        return &administrators[session % 2];
    return &users[session % 10 == 9 ? 3 : session % 3];
}

static uint32_t some_mode(struct random *random)
{
    static const uint32_t modes[] = {0777, 0777, 0777, 0770, 0766, 0755, 0733,
                                     0744, 0722, 0711, 0700, 0707, 0477, 0};
    return modes[random_below(random, sizeof modes / sizeof *modes)];
}

static uint32_t some_user(struct random *random)
{
    return ADA + (uint32_t)random_below(random, 3);
}

static uint32_t some_group(struct random *random)
{
    return random_one_in(random, 2) ? SHARED : some_user(random);
}

/* --- Rules --- */

/*
 * The first rule of a space in this order is the one that counts: that of its whole name, then those
 * of longer parts of it.
 */
static const struct {
    const char *name;
    bool prefix;
    bool is_of[NAIVE_SPACES]; /* main, jobs, été, dead */
} names[USERS_RULES] = {
    {"jobs", false, {false, true, false, false}}, {"dea", false, {false, false, false, false}},
    {"dead", true, {false, false, false, true}},  {"jo", true, {false, true, false, false}},
    {"d", true, {false, false, false, true}},     {"", true, {true, true, true, true}},
};

static struct naive_rule some_rule(struct random *random)
{
    struct naive_rule rule = {.has_owner = random_one_in(random, 3),
                              .has_group = random_one_in(random, 2),
                              .has_mode = !random_one_in(random, 4)};
    rule.owner = some_user(random);
    rule.group = some_group(random);
    rule.mode = some_mode(random);
    return rule;
}

/* The engine gets them in another order, which makes no difference. */
static void add_rule(struct users_rules *rules, int which, const struct naive_rule *is)
{
    memmove(&rules->list[1], &rules->list[0], rules->count++ * sizeof rules->list[0]);
    rules->list[0] = (struct rule){
        .name = {(const uint8_t *)names[which].name, (uint32_t)strlen(names[which].name)},
        .prefix = names[which].prefix,
        .has_owner = is->has_owner,
        .has_group = is->has_group,
        .has_mode = is->has_mode,
        .owner = is->owner,
        .group = is->group,
        .mode = is->mode};
}

void users_choose_rules(struct random *random, struct users_rules *rules)
{
    bool has[NAIVE_SPACES] = {false};
    memset(rules, 0, sizeof *rules);
    for (int i = 0; i < USERS_RULES; i++) {
        const struct naive_rule is = some_rule(random);
        if (!random_one_in(random, 3))
            continue;
        add_rule(rules, i, &is);
        for (int k = 0; k < NAIVE_SPACES; k++)
            if (names[i].is_of[k] && !has[k]) {
                rules->of[k] = is;
                has[k] = true;
            }
    }
}

/* Mostly without any. */
static uint64_t some_quota(struct random *random, uint64_t least, uint64_t most)
{
    return random_one_in(random, 4) ? least + random_below(random, most - least) : 0;
}

void users_choose_quotas(struct random *random, struct naive_quotas *quotas)
{
    *quotas = (struct naive_quotas){.tuples = some_quota(random, 4, 14),
                                    .requests = some_quota(random, 1, 8),
                                    .keys = some_quota(random, 1, 3),
                                    .spaces = some_quota(random, 1, 4)};
}

/* --- Requests --- */

void users_choose_access(struct random *random, struct naive_request *request)
{
    memset(request, 0, sizeof *request);
    request->op = TSD_OP_SPACE;
    request->min = request->max = 1;
    request->events = UINT32_MAX;
    request->to = request->dead_letter = -1;
    request->space = (int)random_below(random, NAIVE_SPACES);
    request->existing = random_one_in(random, 8);
    request->has_mode = !random_one_in(random, 4);
    request->mode = some_mode(random);
    request->has_group = random_one_in(random, 5);
    request->group = some_group(random);
    request->has_owner = random_one_in(random, 8);
    request->owner = some_user(random);
    request->has_max_returns = request->has_dead_letter = random_one_in(random, 6);
    request->dead_letter = (request->space + 1 + (int)random_below(random, 3)) % NAIVE_SPACES;
}
