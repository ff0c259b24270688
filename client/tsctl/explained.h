/* SPDX-License-Identifier: MIT */
/*
 * What the daemon explained of a pattern (ts_explain), printed: lines for people, or a record.
 */
#ifndef TSCTL_EXPLAINED_H
#define TSCTL_EXPLAINED_H

#include <stdbool.h>

#include <tsclient.h>

#include "tsctl/output.h"
#include "tsctl/report.h"

/* All of it points to what others have. */
struct explained {
    const uint8_t *pattern;  /* as on the wire */
    const uint8_t *tuple;    /* that it was to be explained for; NULL: those stored */
    const ts_result *result; /* whose report it is */
};

/* Whether the tuple, or one that is stored, is known to match. */
bool explained_matches(const struct explained *explained);

void explained_print(const struct explained *explained, struct output *output);  /* for people */
void explained_record(const struct explained *explained, struct output *output); /* for programs */

/* The matchers of a pattern, a rest not counted, with the fields of a tuple and what they say. */
struct explained_field {
    uint32_t number;    /* from 1 */
    struct buffer text; /* the matcher in the notation */
    bool matches;
    const uint8_t *value;                        /* the field; NULL: the tuple has none there */
    uint32_t matchers;                           /* how many there are */
    struct report_list pattern, tuple, verdicts; /* what is still to come */
};

/* Starts before the first. `verdicts` is what the report has of this tuple. */
void explained_begin(struct explained_field *field, const uint8_t *pattern, const uint8_t *tuple,
                     const uint8_t *verdicts);
bool explained_next(struct explained_field *field); /* false at the end */
void explained_end(struct explained_field *field);

/* How many fields a pattern has, a rest not counted, and whether it has one. */
uint32_t explained_size(const uint8_t *pattern, bool *rest);

#endif
