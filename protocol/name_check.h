/* SPDX-License-Identifier: MIT */
/*
 * The name of a space or of a client: at most 255 bytes of UTF-8 without control characters.
 */
#ifndef TSD_PROTOCOL_NAME_CHECK_H
#define TSD_PROTOCOL_NAME_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/problem.h"

/*
 * Checks a name of 1 to LIMIT_NAME_BYTES bytes. Returns 0, or -TS_MALFORMED or -TS_LIMIT with the
 * problem set, its offset counting from the name's first byte; `what` is "space", "client".
 */
int name_check(const uint8_t *name, size_t size, const char *what, struct problem *problem);

#endif
