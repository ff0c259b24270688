/* SPDX-License-Identifier: MIT */
/*
 * Memory: malloc and its kin behind the fault hook. Everything in daemon/ allocates through it.
 *
 * What may fail returns NULL (errno ENOMEM) and has changed nothing. A size of 0 gives a pointer
 * that can be freed, so that NULL always means "no memory".
 */
#ifndef TSD_BASE_ALLOC_H
#define TSD_BASE_ALLOC_H

#include <stddef.h>

void mem_free(void *block);

void *mem_alloc(size_t size) __attribute__((malloc, warn_unused_result));
void *mem_zalloc(size_t size) __attribute__((malloc, warn_unused_result));
void *mem_realloc(void *block, size_t size) __attribute__((warn_unused_result));

/* mem_realloc to count * size bytes; NULL also where that overflows. */
void *mem_realloc_array(void *block, size_t count, size_t size) __attribute__((warn_unused_result));

/* `alignment` is a power of two. */
void *mem_alloc_aligned(size_t alignment, size_t size) __attribute__((malloc, warn_unused_result));

#endif
