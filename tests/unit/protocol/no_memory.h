/* SPDX-License-Identifier: MIT */
/*
 * realloc for the whole test program: gives nothing while no_memory is set.
 */
#ifndef TSD_TESTS_NO_MEMORY_H
#define TSD_TESTS_NO_MEMORY_H

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static bool no_memory;

void *realloc(void *block, size_t size)
{
    static void *(*next)(void *, size_t);
    if (no_memory)
        return NULL;
    if (!next) {
        void *symbol = dlsym(RTLD_NEXT, "realloc");
        memcpy(&next, &symbol, sizeof next);
    }
    return next(block, size);
}

#endif
