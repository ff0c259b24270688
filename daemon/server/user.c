/* SPDX-License-Identifier: MIT */
#include "server/user.h"

#include <assert.h>
#include <unistd.h>

#include "base/alloc.h"

void users_init(struct users *users)
{
    table_init(&users->by_uid);
    for (enum slot slot = 0; slot < SLOTS; slot++)
        users->limits[slot] = UINT64_MAX;
}

void users_deinit(struct users *users)
{
    assert(table_count(&users->by_uid) == 0);
    table_deinit(&users->by_uid);
}

bool user_has_reserve(uid_t uid)
{
    return uid == 0 || uid == geteuid();
}

static struct user *find(const struct users *users, uid_t uid)
{
    struct table_node *node = table_first(&users->by_uid, uid);

    return node ? container_of(node, struct user, by_uid) : NULL; /* the hash is the uid */
}

const struct user *user_find(const struct users *users, uid_t uid)
{
    return find(users, uid);
}

/* Whether `more` go into what is left; a limit may have become less than what is used. */
static bool user_may(const struct user *user, enum slot slot, uint64_t more)
{
    uint64_t limit = user->users->limits[slot];

    return user->used[slot] <= limit && more <= limit - user->used[slot];
}

struct user *user_ref(struct users *users, uid_t uid)
{
    struct user *user = find(users, uid);

    if (!user) {
        user = mem_zalloc(sizeof(*user));
        if (!user)
            return NULL;
        user->users = users;
        user->uid = uid;
        if (table_insert(&users->by_uid, &user->by_uid, uid) < 0) {
            mem_free(user);
            return NULL;
        }
    }
    user->refs++;
    return user;
}

struct user *user_unref(struct user *user)
{
    if (user && --user->refs == 0) {
        table_remove(&user->users->by_uid, &user->by_uid);
        mem_free(user);
    }
    return NULL;
}

bool charge_set(struct charge *charge, struct user *user, enum slot slot, uint64_t amount)
{
    assert(!charge->user || (charge->user == user && charge->slot == slot));
    if (amount > charge->amount && !user_may(user, slot, amount - charge->amount))
        return false;
    if (!charge->user) {
        charge->user = user;
        charge->slot = slot;
        user->refs++;
    }
    user->used[slot] = user->used[slot] - charge->amount + amount;
    charge->amount = amount;
    return true;
}

void charge_release(struct charge *charge)
{
    if (!charge->user)
        return;
    charge->user->used[charge->slot] -= charge->amount;
    user_unref(charge->user);
    *charge = (struct charge){0};
}
