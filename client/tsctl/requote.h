/* SPDX-License-Identifier: MIT */
/*
 * What a shell made of a tuple that was not quoted, put together again.
 *
 * `tsctl out ["task", 1, a b]` arrives as the words `[task,` `1,` `a` `b]`. They are joined up to the
 * one that closes the bracket, and what is neither a number nor part of a pattern gets its double
 * quotes back. A guess, to be shown and not to be run.
 */
#ifndef TSCTL_REQUOTE_H
#define TSCTL_REQUOTE_H

#include <stdbool.h>

#include "protocol/buffer.h"

/* Whether the brackets of a word that begins with `[` are all closed in it. */
bool requote_is_closed(const char *word);

/*
 * Appends the corrected text of the tuple that begins with words[0]; a bracket that no word closes is
 * closed at the end. Returns how many words it took.
 */
int requote(char *const *words, int count, struct buffer *out);

#endif
