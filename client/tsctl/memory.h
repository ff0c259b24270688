/* SPDX-License-Identifier: MIT */
/*
 * Memory for a program that cannot go on without it: a failed allocation ends tsctl with a message.
 */
#ifndef TSCTL_MEMORY_H
#define TSCTL_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

void *memory_resize(void *block, size_t size);
char *memory_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
void memory_check(bool enough); /* ends tsctl where not */

#endif
