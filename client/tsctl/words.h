/* SPDX-License-Identifier: MIT */
/*
 * Tuples and patterns given as words of the command line, and what to say when one is malformed.
 */
#ifndef TSCTL_WORDS_H
#define TSCTL_WORDS_H

#include <stdbool.h>

#include <tsclient.h>

#include "protocol/buffer.h"
#include "tsctl/command.h"

/* What words were read to: MessagePack one after the other, and where each is. */
struct word_list {
    struct buffer bytes;
    ts_values *values; /* of each word; they point into bytes */
    size_t count;
};

/* Each reads all arguments of the call. Returns 0, or EXIT_USAGE after it has complained. */
int words_read_tuples(struct call *call, struct word_list *list);
int words_read_patterns(struct call *call, struct word_list *list);
int words_read_one_pattern(struct call *call, struct word_list *list);    /* exactly one */
int words_read_pattern_or_any(struct call *call, struct word_list *list); /* [...] for none */
/* A pattern and, if there is a second word, a tuple; else the tuple's list stays empty. */
int words_read_pattern_and_tuple(struct call *call, struct word_list *pattern,
                                 struct word_list *tuple);
/*
 * Where no word is left: complains that an option took the last ones. Returns whether one did. `what`
 * is missing then.
 */
bool words_complain_taken(const struct call *call, const char *what);

void word_list_deinit(struct word_list *list);

#endif
