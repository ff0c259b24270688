/* SPDX-License-Identifier: MIT */
#include "client/arena.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 1024 };

struct arena_block {
    struct arena_block *next;
    size_t size, used;
    char bytes[];
};

static struct arena_block *block_new(struct arena *arena, size_t size)
{
    struct arena_block *block = malloc(sizeof(*block) + size);

    if (!block)
        return NULL;
    block->next = arena->blocks;
    block->size = size;
    block->used = 0;
    arena->blocks = block;
    return block;
}

char *arena_alloc(struct arena *arena, size_t size)
{
    struct arena_block *block = arena->blocks;
    char *bytes;

    if (!block || size > block->size - block->used)
        block = block_new(arena, size > BLOCK_BYTES ? size : BLOCK_BYTES);
    if (!block)
        return NULL;
    bytes = block->bytes + block->used;
    block->used += size;
    return bytes;
}

char *arena_text(struct arena *arena, const void *bytes, size_t size)
{
    char *text = arena_alloc(arena, size + 1);

    if (!text)
        return NULL;
    if (size > 0)
        memcpy(text, bytes, size);
    text[size] = '\0';
    return text;
}

void arena_clear(struct arena *arena)
{
    struct arena_block *kept = NULL;

    while (arena->blocks) {
        struct arena_block *block = arena->blocks;
        arena->blocks = block->next;
        if (!kept && block->size == BLOCK_BYTES)
            kept = block;
        else
            free(block);
    }
    if (kept) {
        kept->used = 0;
        kept->next = NULL;
    }
    arena->blocks = kept;
}

void arena_deinit(struct arena *arena)
{
    arena_clear(arena);
    free(arena->blocks);
    arena->blocks = NULL;
}
