/* SPDX-License-Identifier: MIT */
#include "base/must.h"

#include <stdlib.h>
#include <unistd.h>

_Noreturn void must_fail(void)
{
    static const char text[] = "out of memory in the middle of a unit: ending\n";
    const ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
    (void)written; /* there is nothing left to do about it */
    abort();
}

void *must_grow(void *array, uint32_t *capacity, size_t size)
{
    const uint32_t count = *capacity ? *capacity * 2 : 16;
    if (count <= *capacity)
        must_fail();
    void *grown = must_have(mem_realloc_array(array, count, size));
    *capacity = count;
    return grown;
}
