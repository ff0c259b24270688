/* SPDX-License-Identifier: MIT */
/*
 * Who may do what in a space: its owner, group and mode, as files have them (rules S31, S32).
 *
 * Each request is checked before it is taken up, for every space that it names. What does not make a
 * space finds one in which its user has no right as little as one that is not there; what makes one is
 * refused there. Administrators may do everything.
 */
#ifndef TSD_SPACE_ACCESS_H
#define TSD_SPACE_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/problem.h"
#include "protocol/request.h"

struct asker;
struct engine;
struct interest;
struct owner;
struct session;
struct engine_settings;
struct space;

enum right { RIGHT_TAKE = 1, RIGHT_WRITE = 2, RIGHT_READ = 4 };
#define RIGHTS_ALL (RIGHT_READ | RIGHT_WRITE | RIGHT_TAKE)
#define MODE_DEFAULT 0700u

/* Whose a space is. */
struct access {
    uint32_t owner, group; /* uid, gid */
    uint32_t mode;         /* 9 bits: the rights of its owner, its group, others */
};

/* Which rights, a set of them, whoever this is has in a space of that access. */
unsigned access_rights(const struct access *access, const struct owner *who);

/* Whose a space of that name would be if this one made it. */
struct access access_of_new(const struct engine *engine, const struct span *name,
                            const struct owner *creator);

/* What a request needs: 0, or -1 with the problem set as it is to be refused. */
int access_check(struct engine *engine, const struct asker *asker, const struct request *request,
                 struct problem *problem);

/* Whether whoever this is may write into the space of that name, which need not be there. */
bool access_may_write(struct engine *engine, const struct owner *who, const struct span *name);

/* The space of that name, if whoever asks can see it; else NULL, as where there is none. */
struct space *access_find(struct engine *engine, const struct asker *asker,
                          const struct span *name);
/* Whether it can see this one. */
bool access_sees(const struct engine *engine, const struct asker *asker, const struct space *space);

/* What a part of a request needs where it is: a guard's kind is looked at of atomics only. */
unsigned access_right_of(enum tsd_operation op, enum tsd_guard kind);
bool access_allows(const struct engine *engine, const struct session *session,
                   const struct space *space, unsigned right);
/* Whether one that is under way may still look for what a part of it asks for. */
bool access_may_look(const struct engine *engine, const struct interest *interest, uint32_t part);
/* Whether one that waits may still do all that it asks for in the space. */
bool access_may_wait(const struct engine *engine, const struct interest *interest,
                     const struct space *space);

/* The engine's own copy of an administrator's rules. 0, or -1 without memory, nothing being changed. */
int access_set_rules(struct engine *engine, const struct engine_settings *settings);
void access_forget_rules(struct engine *engine);

#endif
