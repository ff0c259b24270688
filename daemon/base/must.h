/* SPDX-License-Identifier: MIT */
/*
 * For what cannot be undone half way: without memory the process ends, cleanly and at once, and
 * whoever supervises it starts it again. What can still be refused is refused instead.
 */
#ifndef TSD_BASE_MUST_H
#define TSD_BASE_MUST_H

#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"

_Noreturn void must_fail(void); /* says so on stderr and aborts */

static inline void must(int result)
{
    if (result < 0)
        must_fail();
}

/* Doubles an array of *capacity elements of `size` bytes (16 at first); never returns NULL. */
void *must_grow(void *array, uint32_t *capacity, size_t size);

#endif
