/* SPDX-License-Identifier: MIT */
/*
 * For what cannot be undone half way: without memory the process ends, cleanly and at once, and
 * whoever supervises it starts it again. What can still be refused is refused instead. Injected
 * faults (fault.h) pass these by: what they are for is what can be refused.
 */
#ifndef TSD_BASE_MUST_H
#define TSD_BASE_MUST_H

#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/fault.h"

_Noreturn void must_fail(void); /* says so on stderr and aborts */

static inline void must_result(int result)
{
    fault_held--;
    if (result < 0)
        must_fail();
}

/* Calls what returns negative without memory, or NULL: then the process ends. */
#define must(call) (fault_held++, must_result(call))
#define must_have(pointer) (fault_held++, must_pointer(pointer))
static inline void *must_pointer(void *pointer)
{
    must_result(pointer ? 0 : -1);
    return pointer;
}

/* Doubles an array of *capacity elements of `size` bytes (16 at first); never returns NULL. */
void *must_grow(void *array, uint32_t *capacity, size_t size);

#endif
