/* SPDX-License-Identifier: MIT */
/*
 * The tuples that an atomic's body puts, made from its templates and its guards' tuples (rule S22).
 */
#ifndef TSD_SPACE_BODY_H
#define TSD_SPACE_BODY_H

#include "protocol/problem.h"

struct engine;
struct put;
struct session;
struct unit;

/*
 * Makes all of them, in the order of the steps, into unit->puts; guards' tuples are those in
 * engine->guards. Returns 0, or -1 with the problem set: a field is missing or cannot be added to, a
 * tuple would break a limit, there is no memory. Nothing was made then.
 */
int body_make(struct engine *engine, struct session *session, struct unit *unit,
              struct problem *problem);

#endif
