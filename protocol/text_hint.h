/* SPDX-License-Identifier: MIT */
/*
 * What was meant by a word of the notation that there is not.
 */
#ifndef TSD_PROTOCOL_TEXT_HINT_H
#define TSD_PROTOCOL_TEXT_HINT_H

#include <stddef.h>

#include "protocol/numbers.h"

/* The matcher of a type by its name ("int" for `?int`); TSD_M_END where there is none. */
enum tsd_matcher type_by_name(const char *name, size_t size);

/* The type whose name is nearest: also for words of other languages ("string", "integer"). */
enum tsd_matcher type_nearest(const char *name, size_t size);

/* The constant ("null", "true", ...) that a word stands for elsewhere ("None", "NaN"), or NULL. */
const char *constant_nearest(const char *word, size_t size);

#endif
