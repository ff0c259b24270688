/* SPDX-License-Identifier: MIT */
/*
 * Tuples that were taken, between being printed and being acknowledged.
 *
 * A record is written whole before its tuple is acknowledged; what could not be written, because
 * standard output failed, nobody reads it any more or ^C came, is released: it is back at its old
 * place, not counted as tried.
 */
#ifndef TSCTL_TAKEN_H
#define TSCTL_TAKEN_H

#include <tsclient.h>

#include "tsctl/command.h"
#include "tsctl/output.h"

struct taken {
    ts_token *tokens;
    size_t *ends; /* where each one's record ends in the output's bytes */
    size_t count, room;
};

void taken_deinit(struct taken *taken);

/* The record of that tuple has just been added to the output. */
void taken_note(struct taken *taken, const struct output *output, const ts_token *token);

/*
 * Writes what was added, acknowledges what was written and releases the rest; forgets all of it.
 * Returns 0, or EXIT_PARTLY, or what the connection's status means. Only where interrupt_catch was
 * called before does a signal wait for it.
 */
int taken_print(struct taken *taken, const struct call *call, ts_client *client,
                struct output *output);

#endif
