/* SPDX-License-Identifier: MIT */
/*
 * What a shell completes a command line of tsctl with.
 *
 * The scripts for the shells know nothing of commands and options: they hand the words to the hidden
 * `tsctl completion words -- WORD...`, which finds what may stand at the last one in the tables that
 * the parser and help are made of. It prints a candidate a line, with what it is after a tab. A line
 * that begins with a tab is for the script: `file` stands for names of files, `command` for commands.
 */
#ifndef TSCTL_COMPLETION_H
#define TSCTL_COMPLETION_H

#include "protocol/buffer.h"
#include "tsctl/command.h"

/* Appends the candidates for the last word; there is at least one. */
void completion_of(char **words, int count, struct buffer *out);

/* ---- Where candidates come from (completion_source.c) ---- */

/* What candidates have in common. */
struct candidates {
    struct buffer *out;
    const char *word;   /* the one to complete */
    size_t kept;        /* the bytes of it that stand before what is completed */
    const char *socket; /* the daemon's; NULL: the usual one */
};

/* Adds it where the word may become it. What it is may be NULL. */
void candidates_add(const struct candidates *candidates, const char *text, const char *what);

/* Those of a source. `choices` is of COMPLETE_CHOICE and COMPLETE_LIST. */
void candidates_of(const struct candidates *candidates, enum complete source, const char *choices);

/* The script for a shell; NULL where there is none (completion_script.c). */
const char *completion_script(const char *shell);

#endif
