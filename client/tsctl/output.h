/* SPDX-License-Identifier: MIT */
/*
 * Results to standard output, in the format of -o, with -f, -0 and -q.
 *
 * Records are gathered and written by output_flush: after each answer of the daemon, so that each
 * line is there as it comes. What format is written depends on the options alone, never on the
 * terminal. With -q nothing is.
 */
#ifndef TSCTL_OUTPUT_H
#define TSCTL_OUTPUT_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/buffer.h"
#include "tsctl/options.h"

struct output {
    const struct options *options;
    struct buffer bytes;  /* whole records, not yet written */
    const sigset_t *mask; /* not NULL: what is blocked while it waits for room, instead of now */
    size_t written;       /* bytes of what the last flush was to write that were */
};

void output_init(struct output *output, const struct options *options);
void output_deinit(struct output *output);

/* Whether tuples can be written so; EXIT_USAGE after it has complained that they cannot. */
int output_check_tuples(const struct options *options);

void output_tuple(struct output *output, const uint8_t *tuple);
void output_number(struct output *output, uint64_t number);
void output_id(struct output *output, uint64_t id); /* a string in JSON */

/* For those who write a record's bytes themselves: after each record but raw ones. */
void output_end_record(struct output *output);

/*
 * Returns 0, or EXIT_PARTLY after it has complained that the output cannot be written. With a mask
 * also, and without a complaint, where a signal was caught or nobody reads any more: those end tsctl.
 */
int output_flush(struct output *output);

/* Parts of records, for tables. A str as it is, any other value in the notation. */
void output_plain(struct buffer *out, const uint8_t *value);
void output_tsv(struct buffer *out, const uint8_t *value);
void output_sh(struct buffer *out, const uint8_t *value);

#endif
