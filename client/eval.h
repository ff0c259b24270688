/* SPDX-License-Identifier: MIT */
/*
 * Workers of ts_eval (rule S34).
 *
 * Each worker has a warden: a connection of the parent's that does nothing but leave a will, the error
 * tuple of a worker that was lost. A worker that fails is told by putting its real error tuple into
 * that will, in place of the other, and then ending the warden without a goodbye; one that does well
 * by the warden's goodbye. Leaving a will is one unit, and so is the end of a connection: at whatever
 * instant the parent is killed, the daemon puts one tuple for each worker that has not done well, and
 * none for the others. The user's own ts_will is on another connection, and left alone.
 */
#ifndef TSCLIENT_EVAL_H
#define TSCLIENT_EVAL_H

#include <stdbool.h>
#include <stdint.h>

struct connection;

/* Takes care of workers that have ended. In calls not each time: `now` is for a dispatch. */
void eval_look(struct connection *connection, bool now);

/* As connection_poll, of workers that end, too; takes care of them. Also without a descriptor. */
void eval_poll(struct connection *connection, int timeout_ms);

/* When a dispatch is to look at the workers; TS_NEVER: there are none. */
int64_t eval_due(const struct connection *connection);

/* The client is disconnected (`goodbye`) or abandoned: its workers end. */
void eval_end(struct connection *connection, bool goodbye);

/* In the child of a fork: the workers are the parent's. Frees what there is of them. */
void eval_forget(struct connection *connection);

#endif
