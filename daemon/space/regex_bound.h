/* SPDX-License-Identifier: MIT */
/*
 * Bounds on the time of a regular expression that PCRE2 does not have itself.
 *
 * PCRE2's match limit counts each place where a match may begin anew, counts no characters that one
 * item runs over, and there is none on compiling. So that no expression and no str holds up others,
 * work is counted besides: at each item that is tried (an automatic callout), in units of some ten
 * nanoseconds.
 */
#ifndef TSD_SPACE_REGEX_BOUND_H
#define TSD_SPACE_REGEX_BOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* Units that a match may take: a base, and some for each byte of the str. */
#define REGEX_WORK_BASE 10000
#define REGEX_WORK_BYTE 2

/* How an expression is charged, and what is left of the match under way. */
struct regex_bound {
    const char *expression;
    size_t step;       /* units of an item that is tried */
    size_t lookbehind; /* characters that an assertion may step back */
    size_t left;       /* units */
    size_t used;       /* of them so far */
    size_t position;   /* in the str, at the last item */
    size_t item;       /* the last item, in the expression */
    size_t weight;     /* of a character that the last item ran over */
};

void regex_bound_begin(struct regex_bound *bound, const char *expression, const pcre2_code *code,
                       size_t subject_size);

/* The callout: 0, or PCRE2_ERROR_CALLOUT when nothing is left. `context` is the bound. */
int regex_bound_charge(pcre2_callout_block *block, void *context);

/*
 * Whether an expression compiles in good time. Where case is ignored PCRE2 looks at each character
 * of a range by itself, so ranges of many are refused there. NUL-terminated.
 */
bool regex_ranges_fit(const char *expression, size_t size, bool ignore_case);

#endif
