/* SPDX-License-Identifier: MIT */
/*
 * Users by uid, and what they are charged for.
 *
 * A charge knows whom it was charged to: releasing it needs nothing else, and its holder cannot
 * forget to give back the right amount. A user exists while somebody has a reference or a charge.
 */
#ifndef TSD_SERVER_USER_H
#define TSD_SERVER_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/table.h"

enum slot {
    SLOT_CONNECTIONS,
    SLOT_UNFINISHED, /* bytes of unfinished frames */
    SLOT_UNREAD,     /* bytes of answers that its clients have not read */
    SLOTS,
};

struct users {
    struct table by_uid;
    uint64_t limits[SLOTS];
};

struct user {
    struct table_node by_uid;
    struct users *users;
    uid_t uid;
    size_t refs;
    uint64_t used[SLOTS];
};

/* So much of a slot of a user; zeroed, it is nothing of nobody. */
struct charge {
    struct user *user;
    enum slot slot;
    uint64_t amount;
};

const struct user *user_find(const struct users *users, uid_t uid); /* or NULL */

/* Root and the daemon's own user: the last of what is for all together is for them, so that they get
 * in when others have used up theirs. */
bool user_has_reserve(uid_t uid);

void users_init(struct users *users);
void users_deinit(struct users *users); /* nobody has a reference any more */

struct user *user_ref(struct users *users, uid_t uid); /* NULL without memory */
struct user *user_unref(struct user *user);            /* returns NULL */

/* Makes the charge `amount` of the slot, more or less than before. False, and as before, where that
 * is past the user's limit. */
bool charge_set(struct charge *charge, struct user *user, enum slot slot, uint64_t amount);
void charge_release(struct charge *charge);

#endif
