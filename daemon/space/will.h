/* SPDX-License-Identifier: MIT */
/*
 * Last wills: tuples that a session leaves, by space, to be put when it ends without a goodbye.
 */
#ifndef TSD_SPACE_WILL_H
#define TSD_SPACE_WILL_H

#include <stdint.h>
#include <sys/queue.h>

#include "protocol/problem.h"
#include "protocol/request.h"
#include "space/account.h"

struct engine;
struct session;

/* Tuples for one space, as they came: one after the other without a head. */
struct will {
    TAILQ_ENTRY(will) link;
    uint32_t name_size;
    uint32_t count;
    uint32_t size;
    struct account_charge charge;
    struct putting putting;
    uint8_t bytes[]; /* the space's name, then the tuples */
};

/* Replaces the session's will for the request's space; it is charged to its user. Returns 0, or -1 with the problem set. */
int will_set(struct engine *engine, struct session *session, const struct request *request,
             struct problem *problem);

/* Puts them all, as part of the unit under way (rules S10, S30: they are let in always). */
void will_put(struct engine *engine, struct session *session);
void will_forget(struct engine *engine, struct session *session);

#endif
