/* SPDX-License-Identifier: MIT */
/*
 * Whose the sessions of a run are, and the rules for spaces that some runs have.
 *
 * Which rule is that of a space is written down here beside the rules, not found by their names.
 */
#ifndef TSD_TESTS_USERS_H
#define TSD_TESTS_USERS_H

#include "generate.h"
#include "space/settings.h"

/* That of a session: without rights two that are administrators; else three, two of whom share a
 * group, and seldom an administrator. */
const struct naive_user *users_of(uint64_t session, bool rights);

enum { USERS_RULES = 6 };

struct users_rules {
    struct rule list[USERS_RULES];
    uint32_t count;
    struct naive_rule of[NAIVE_SPACES];
};
void users_choose_rules(struct random *random, struct users_rules *rules);
void users_choose_quotas(struct random *random, struct naive_quotas *quotas);

/* Makes it a request for a space's owner, group, mode or attributes. */
void users_choose_access(struct random *random, struct naive_request *request);

#endif
