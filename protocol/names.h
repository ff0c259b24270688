/* SPDX-License-Identifier: MIT */
/*
 * What the numbers of numbers.h are called. For a number that is none: "" or "unknown status".
 */
#ifndef TSD_PROTOCOL_NAMES_H
#define TSD_PROTOCOL_NAMES_H

#include "protocol/numbers.h"

const char *status_name(enum ts_status status); /* "NOMATCH" */
const char *status_text(enum ts_status status); /* "no tuple matches" */
const char *status_hint(enum ts_status status); /* what to do about it, or "" */

const char *matcher_name(enum tsd_matcher op);     /* "LT" */
const char *matcher_notation(enum tsd_matcher op); /* "<v" */
const char *matcher_matches(enum tsd_matcher op);  /* "a value less than v" */
const char *matcher_operands(enum tsd_matcher op); /* "o", see numbers.h */

#endif
