/* SPDX-License-Identifier: MIT */
#include "base/slab.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/fault.h"
#include "base/map.h"
#include "base/poison.h"

struct free_object {
    struct free_object *next;
};

/* On a line of its own, as it is looked at when an object of any page is freed. */
struct slab_page {
    struct slab_page *previous, *next; /* among the open pages of its class */
    struct free_object *free;          /* objects that came back */
    uint32_t used;                     /* objects handed out */
    uint32_t fresh;                    /* offset of the part never handed out */
    uint32_t size;                     /* bytes of an object */
} __attribute__((aligned(64)));

#define CHUNK_BYTES MAP_UNIT
#define CHUNK_PAGES (CHUNK_BYTES / SLAB_PAGE)
#define ALL_FREE UINT32_MAX
#define PLAIN_CHUNKS 4 /* a slab that has these grows by huge pages */

/*
 * What is asked from the system: pages with their heads together at its start, at the cost of the
 * first page. Heads inside their pages, 64 KiB apart, would share a few lines of the cache.
 */
struct slab_chunk {
    struct slab_chunk *previous, *next; /* among those with free pages */
    uint32_t free;                      /* a bit for each free page */
    bool huge;
    struct slab_page pages[CHUNK_PAGES];
};
_Static_assert(CHUNK_PAGES == 32, "a chunk has a bit for each page");

void slab_init(struct slab *slab)
{
    *slab = (struct slab){0};
}

static struct slab_chunk *chunk_of(const void *part)
{
    return (struct slab_chunk *)((uintptr_t)part & ~(CHUNK_BYTES - 1));
}

static void chunk_open(struct slab *slab, struct slab_chunk *chunk)
{
    chunk->previous = NULL;
    chunk->next = slab->open;
    if (chunk->next)
        chunk->next->previous = chunk;
    slab->open = chunk;
}

static void chunk_close(struct slab *slab, struct slab_chunk *chunk)
{
    if (chunk->previous)
        chunk->previous->next = chunk->next;
    else
        slab->open = chunk->next;
    if (chunk->next)
        chunk->next->previous = chunk->previous;
}

static struct slab_chunk *chunk_new(struct slab *slab)
{
    const bool huge = slab->chunks >= PLAIN_CHUNKS;
    struct slab_chunk *chunk = map_alloc(CHUNK_BYTES, huge);

    if (!chunk)
        return NULL;
    chunk->huge = huge;
    chunk->free = ALL_FREE;
    poison(chunk + 1, CHUNK_BYTES - sizeof(*chunk));
    slab->chunks++;
    return chunk;
}

static void chunk_free(struct slab *slab, struct slab_chunk *chunk)
{
    unpoison(chunk, CHUNK_BYTES);
    map_free(chunk, CHUNK_BYTES);
    slab->chunks--;
}

/* Where the next page is taken from; a page counts as an allocation. */
static struct slab_chunk *chunk_with_room(struct slab *slab)
{
    struct slab_chunk *chunk = slab->open;

    if (chunk || slab->spare) {
        if (fault_hit())
            return NULL;
        if (chunk)
            return chunk;
        chunk = slab->spare;
        slab->spare = NULL;
    } else if (!(chunk = chunk_new(slab))) {
        return NULL;
    }
    chunk_open(slab, chunk);
    return chunk;
}

static void page_free(struct slab *slab, struct slab_page *page)
{
    struct slab_chunk *chunk = chunk_of(page);

    if (chunk->free == 0)
        chunk_open(slab, chunk);
    chunk->free |= UINT32_C(1) << (page - chunk->pages);
    slab->pages--;
    if (chunk->free != ALL_FREE)
        return;
    chunk_close(slab, chunk);
    if (slab->spare)
        chunk_free(slab, chunk);
    else
        slab->spare = chunk;
}

void slab_deinit(struct slab *slab)
{
    assert(slab->objects == 0);
    for (size_t i = 0; i < SLAB_MAX / SLAB_UNIT; i++)
        if (slab->classes[i].spare)
            page_free(slab, slab->classes[i].spare);
    if (slab->spare)
        chunk_free(slab, slab->spare);
    assert(slab->pages == 0 && slab->chunks == 0);
    slab_init(slab);
}

static void page_open(struct slab_class *class, struct slab_page *page)
{
    page->previous = NULL;
    page->next = class->open;
    if (page->next)
        page->next->previous = page;
    class->open = page;
}

static void page_close(struct slab_class *class, struct slab_page *page)
{
    if (page->previous)
        page->previous->next = page->next;
    else
        class->open = page->next;
    if (page->next)
        page->next->previous = page->previous;
}

static struct slab_class *class_of(struct slab *slab, size_t size)
{
    return &slab->classes[size ? (size - 1) / SLAB_UNIT : 0];
}

static struct slab_page *page_new(struct slab *slab, size_t size)
{
    struct slab_chunk *chunk = chunk_with_room(slab);
    struct slab_page *page;
    int index;

    if (!chunk)
        return NULL;
    index = __builtin_ctz(chunk->free);
    chunk->free &= chunk->free - 1;
    if (chunk->free == 0)
        chunk_close(slab, chunk);
    page = &chunk->pages[index];
    *page = (struct slab_page){.size = (uint32_t)size, .fresh = index ? 0 : sizeof(*chunk)};
    slab->pages++;
    return page;
}

/* Opens the spare page of the class, else a new one. */
static struct slab_page *page_take(struct slab *slab, struct slab_class *class)
{
    struct slab_page *page = class->spare;

    if (!page && !(page = page_new(slab, (size_t)(class - slab->classes + 1) * SLAB_UNIT)))
        return NULL;
    class->spare = NULL;
    page_open(class, page);
    return page;
}

static bool page_full(const struct slab_page *page)
{
    return !page->free && page->fresh + page->size > SLAB_PAGE;
}

/* The next object that was never handed out. */
static void *page_cut(struct slab_page *page)
{
    struct slab_chunk *chunk = chunk_of(page);
    char *object = (char *)chunk + (size_t)(page - chunk->pages) * SLAB_PAGE + page->fresh;

    page->fresh += page->size;
    return object;
}

void *slab_alloc(struct slab *slab, size_t size)
{
    struct slab_class *class = class_of(slab, size <= SLAB_MAX ? size : 1);
    struct slab_page *page = class->open;
    void *object;

    if (size > SLAB_MAX) {
        object = mem_alloc(size);
        slab->objects += object != NULL;
        return object;
    }
    if (!page && !(page = page_take(slab, class)))
        return NULL;
    if (page->free) {
        object = page->free;
        unpoison(object, sizeof(struct free_object));
        page->free = page->free->next;
        poison(object, sizeof(struct free_object));
    } else {
        object = page_cut(page);
    }
    unpoison(object, size);
    page->used++;
    if (page_full(page))
        page_close(class, page);
    slab->objects++;
    return object;
}

void slab_free(struct slab *slab, void *object, size_t size)
{
    struct slab_chunk *chunk = chunk_of(object);
    struct slab_class *class = class_of(slab, size <= SLAB_MAX ? size : 1);
    struct free_object *freed = object;
    struct slab_page *page;

    if (!object)
        return;
    assert(slab->objects > 0);
    slab->objects--;
    if (size > SLAB_MAX) {
        mem_free(object);
        return;
    }
    page = &chunk->pages[(uintptr_t)object / SLAB_PAGE % CHUNK_PAGES];
    assert(class == class_of(slab, page->size) && page->used > 0);
    if (page_full(page))
        page_open(class, page);
    unpoison(object, sizeof(struct free_object));
    freed->next = page->free;
    page->free = freed;
    poison(object, page->size);
    if (--page->used > 0)
        return;
    page_close(class, page);
    if (class->spare || chunk->huge)
        page_free(slab, page);
    else
        class->spare = page;
}
