/* SPDX-License-Identifier: MIT */
/*
 * What a user has of the engine: tuples, requests that wait, keys, wills, each within its quota.
 *
 * A charge is a member of what costs, knows its account and gives back what it took; a tuple is
 * charged by its owner (owner.h). An account is there while anything is charged to it or a session of
 * its user is there. All are zero when the engine is freed.
 */
#ifndef TSD_SPACE_ACCOUNT_H
#define TSD_SPACE_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/table.h"
#include "protocol/problem.h"
#include "space/settings.h"

struct engine;
struct request;
struct stored;

struct account {
    struct table_node node; /* of the engine's, by uid */
    uint32_t user;
    bool reserve; /* root's or the daemon's own user's: the last eighth of all-bytes is for these */
    uint64_t refs;
    uint64_t used[QUOTAS];
};

/* So much of some quotas of an account; zeroed, it is nothing of nobody's. No request and no will is
 * of more than 17 MiB. */
struct account_charge {
    struct account *account;
    uint32_t amounts[QUOTAS];
};

struct account *account_ref(struct engine *engine, uint32_t user,
                            bool reserve);                          /* NULL: no memory */
void account_unref(struct engine *engine, struct account *account); /* NULL is fine */

/* Whether it may have so much more: 0, or -1 with the problem set. */
int account_check(const struct engine *engine, const struct account *account, enum quota quota,
                  uint64_t more, struct problem *problem);
/* Whether it may put so many tuples, of so many bytes. */
int account_check_put(const struct engine *engine, const struct account *account, uint64_t tuples,
                      uint64_t bytes, struct problem *problem);
/* What the request puts, also where it waits first: whether it may, and the charge for it. */
int account_check_request(const struct engine *engine, const struct account *account,
                          const struct request *request, struct problem *problem);
void account_charge_request(struct engine *engine, struct account_charge *charge,
                            struct account *account, const struct request *request);
/* Whether there may be so many bytes more of all users' tuples. */
int account_check_all(const struct engine *engine, const struct account *account, uint64_t bytes,
                      struct problem *problem);
/* What each may have of it; UINT64_MAX: no limit. */
uint64_t account_limit(const struct engine *engine, enum quota quota);

/* Takes more; it has been checked where that may be refused. */
void account_charge(struct engine *engine, struct account_charge *charge, struct account *account,
                    enum quota quota, uint32_t more);
void account_release(struct engine *engine,
                     struct account_charge *charge); /* a second time is fine */

#endif
