/* SPDX-License-Identifier: MIT */
/*
 * Strict JSON to MessagePack: what `-o json` writes is read back by `-i json`.
 *
 * {"$bin":"aGk="} is a bin, {"$ext":[5,"aGk="]} an ext, {"$float":"nan"} a float that JSON has not,
 * {"$map":[[1,"a"]]} a map with keys other than strs; a key of a one-key map that starts with `$$`
 * loses one of them. The notation's own forms are refused.
 */
#ifndef TSCTL_JSON_READ_H
#define TSCTL_JSON_READ_H

#include <stddef.h>

#include "protocol/buffer.h"
#include "protocol/problem.h"

/* As text_read_tuple, without names. */
int json_read_tuple(const char *text, size_t size, struct buffer *out, struct problem *problem);

#endif
