/* SPDX-License-Identifier: MIT */
/*
 * Memory from the system itself: large blocks, which go back to it at once when they are freed.
 *
 * malloc takes even blocks of megabytes from its heap once one as large was freed, and a heap with
 * something at its end does not shrink.
 */
#ifndef TSD_BASE_MAP_H
#define TSD_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

#define MAP_UNIT ((size_t)2 * 1024 * 1024) /* of a block's size and alignment; a huge page's size */

/*
 * A block of zeros, NULL without memory (errno ENOMEM). `huge`: in huge pages, where there are any:
 * for what is used here and there all over, since the processor keeps translations of few pages. It
 * then takes memory by MAP_UNIT.
 */
void *map_alloc(size_t size, bool huge);
void map_free(void *block, size_t size); /* `size` as it was allocated */

#endif
