/* SPDX-License-Identifier: MIT */
/*
 * From a member back to what it is embedded in.
 */
#ifndef TSD_BASE_CONTAINER_H
#define TSD_BASE_CONTAINER_H

#include <stddef.h>

/* The `type` whose `member` stands at `pointer`, which is not NULL. */
#define container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

#endif
