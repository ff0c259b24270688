/* SPDX-License-Identifier: MIT */
#include "space/account.h"

#include <assert.h>
#include <inttypes.h>

#include "base/alloc.h"
#include "protocol/numbers.h"
#include "space/state.h"

static uint32_t user_hash(uint32_t user)
{
    return user * UINT32_C(2654435769); /* nobody chooses uids to collide */
}

static struct account *find(const struct engine *engine, uint32_t user)
{
    const uint32_t hash = user_hash(user);
    struct table_node *node = table_first(&engine->accounts, hash);
    for (; node; node = table_next(node, hash)) {
        struct account *account = container_of(node, struct account, node);
        if (account->user == user)
            return account;
    }
    return NULL;
}

struct account *account_ref(struct engine *engine, uint32_t user, bool reserve)
{
    struct account *account = find(engine, user);
    if (!account) {
        account = mem_zalloc(sizeof *account);
        if (!account)
            return NULL;
        account->user = user;
        if (table_insert(&engine->accounts, &account->node, user_hash(user)) < 0) {
            mem_free(account);
            return NULL;
        }
    }
    account->reserve = reserve;
    account->refs++;
    return account;
}

void account_unref(struct engine *engine, struct account *account)
{
    if (!account || --account->refs > 0)
        return;
    for (unsigned quota = 0; quota < QUOTAS; quota++)
        assert(account->used[quota] == 0);
    table_remove(&engine->accounts, &account->node);
    mem_free(account);
}

uint64_t account_limit(const struct engine *engine, enum quota quota)
{
    const uint64_t limit = engine->quotas.user[quota];
    return limit == 0 ? UINT64_MAX : limit;
}

static const struct {
    const char *limit; /* as it is called where it is set */
    const char *what;
} quotas[QUOTAS] = {
#define NAMED(QUOTA, limit, what) [QUOTA_##QUOTA] = {limit, what},
    ENGINE_QUOTAS(NAMED)
#undef NAMED
};

int account_check(const struct engine *engine, const struct account *account, enum quota quota,
                  uint64_t more, struct problem *problem)
{
    const uint64_t limit = account_limit(engine, quota);
    if (more == 0 || (account->used[quota] <= limit && more <= limit - account->used[quota]))
        return 0;
    return problem_set(problem, TS_LIMIT, 0,
                       "%s: user %" PRIu32 " has %" PRIu64 " %s, and %" PRIu64
                       " more are past the limit, %" PRIu64,
                       quotas[quota].limit, account->user, account->used[quota], quotas[quota].what,
                       more, limit);
}

int account_check_put(const struct engine *engine, const struct account *account, uint64_t tuples,
                      uint64_t bytes, struct problem *problem)
{
    if (account_check(engine, account, QUOTA_TUPLES, tuples, problem) < 0 ||
        account_check(engine, account, QUOTA_BYTES, bytes, problem) < 0)
        return -1;
    return account_check_all(engine, account, bytes, problem);
}

/* What a request puts. */
struct amount {
    uint32_t tuples, bytes;
};

static struct amount amount_of(const struct request *request)
{
    if (request->op == TSD_OP_OUT || request->op == TSD_OP_FINISH)
        return (struct amount){request->tuple_count, request->tuples.size};
    if (request->op == TSD_OP_ATOMIC && request->body_puts > 0)
        return (struct amount){request->body_puts, request->body.size};
    return (struct amount){0, 0};
}

int account_check_request(const struct engine *engine, const struct account *account,
                          const struct request *request, struct problem *problem)
{
    const struct amount amount = amount_of(request);
    return account_check_put(engine, account, amount.tuples, amount.bytes, problem);
}

void account_charge_request(struct engine *engine, struct account_charge *charge,
                            struct account *account, const struct request *request)
{
    const struct amount amount = amount_of(request);
    account_charge(engine, charge, account, QUOTA_TUPLES, amount.tuples);
    account_charge(engine, charge, account, QUOTA_BYTES, amount.bytes);
}

int account_check_all(const struct engine *engine, const struct account *account, uint64_t bytes,
                      struct problem *problem)
{
    uint64_t limit = engine->quotas.all_bytes;
    if (limit == 0 || bytes == 0)
        return 0;
    if (!account->reserve)
        limit -= limit / 8;
    if (engine->charged_bytes <= limit && bytes <= limit - engine->charged_bytes)
        return 0;
    return problem_set(problem, TS_LIMIT, 0,
                       "all-bytes: the tuples of all users have %" PRIu64
                       " bytes, and the limit is %" PRIu64,
                       engine->charged_bytes, limit);
}

void account_charge(struct engine *engine, struct account_charge *charge, struct account *account,
                    enum quota quota, uint32_t more)
{
    assert(!charge->account || charge->account == account);
    if (!charge->account) {
        charge->account = account;
        account->refs++;
    }
    charge->amounts[quota] += more;
    account->used[quota] += more;
    if (quota == QUOTA_BYTES)
        engine->charged_bytes += more;
}

void account_release(struct engine *engine, struct account_charge *charge)
{
    struct account *account = charge->account;
    if (!account)
        return;
    for (unsigned quota = 0; quota < QUOTAS; quota++) {
        assert(account->used[quota] >= charge->amounts[quota]);
        account->used[quota] -= charge->amounts[quota];
    }
    engine->charged_bytes -= charge->amounts[QUOTA_BYTES];
    *charge = (struct account_charge){0};
    account_unref(engine, account);
}

struct engine_usage engine_usage(const struct engine *engine, uint32_t user, enum quota quota)
{
    const struct account *account = find(engine, user);
    return (struct engine_usage){account ? account->used[quota] : 0, account_limit(engine, quota)};
}

bool engine_user_from(const struct engine *engine, uint32_t *user)
{
    struct table_node *node = NULL;
    uint64_t least = UINT64_MAX;
    while ((node = table_walk(&engine->accounts, node))) {
        const uint32_t found = container_of(node, struct account, node)->user;
        if (found >= *user && found < least)
            least = found;
    }
    *user = (uint32_t)least;
    return least != UINT64_MAX;
}

uint64_t engine_tuples(const struct engine *engine)
{
    struct table_node *node = NULL;
    uint64_t tuples = 0;
    while ((node = table_walk(&engine->accounts, node)))
        tuples += container_of(node, struct account, node)->used[QUOTA_TUPLES];
    return tuples;
}
