/* SPDX-License-Identifier: MIT */
/*
 * Tokens given as words: what names a tuple that is held.
 */
#ifndef TSCTL_TOKENS_H
#define TSCTL_TOKENS_H

#include <tsclient.h>

#include "tsctl/command.h"

/* Returns 0, or EXIT_USAGE after it has complained. */
int tokens_read_word(const char *word, ts_token *token);

/* All arguments of the call, at least one, as an array to be freed. 0, or EXIT_USAGE as above. */
int tokens_read(const struct call *call, ts_token **tokens);

/* No word is left for a token. Returns EXIT_USAGE after it has complained. */
int tokens_complain_none(const struct call *call);

/* Reads all arguments as tokens and makes the request of them. Returns the exit status. */
int tokens_run(struct call *call, ts_request *request);

#endif
