/* SPDX-License-Identifier: MIT */
/*
 * Memory for strings that are all given back together. Zeroes are an empty arena. What is in it stays
 * where it is until arena_clear, which keeps one block for the next time.
 */
#ifndef TSCLIENT_ARENA_H
#define TSCLIENT_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *blocks; /* the one in use first */
};

char *arena_alloc(struct arena *arena, size_t size); /* NULL without memory; not aligned */
char *arena_text(struct arena *arena, const void *bytes, size_t size); /* a copy ended by NUL */
void arena_clear(struct arena *arena);
void arena_deinit(struct arena *arena);

#endif
