/* SPDX-License-Identifier: MIT */
#include "base/alloc.h"

#include <errno.h>
#include <stdlib.h>

#include "base/fault.h"

static void *no_memory(void)
{
    errno = ENOMEM;
    return NULL;
}

void mem_free(void *block)
{
    free(block);
}

void *mem_alloc(size_t size)
{
    if (fault_hit())
        return no_memory();
    return malloc(size ? size : 1);
}

void *mem_zalloc(size_t size)
{
    if (fault_hit())
        return no_memory();
    return calloc(1, size ? size : 1);
}

void *mem_realloc(void *block, size_t size)
{
    if (fault_hit())
        return no_memory();
    return realloc(block, size ? size : 1);
}

void *mem_realloc_array(void *block, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes))
        return no_memory();
    return mem_realloc(block, bytes);
}

void *mem_alloc_aligned(size_t alignment, size_t size)
{
    void *block;

    if (fault_hit() || posix_memalign(&block, alignment, size) != 0)
        return no_memory();
    return block;
}
