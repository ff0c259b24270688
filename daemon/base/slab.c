/* SPDX-License-Identifier: MIT */
#include "base/slab.h"

#include <assert.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/poison.h"

struct free_object {
    struct free_object *next;
};

struct slab_page {
    struct slab_page *previous, *next; /* among the open pages of its class */
    struct free_object *free;          /* objects that came back */
    uint32_t used;                     /* objects handed out */
    uint32_t fresh;                    /* offset of the part never handed out */
    uint32_t size;                     /* bytes of an object */
} __attribute__((aligned(SLAB_UNIT)));

/*
 * Bytes of a page that are used. The little that is left is for malloc's own header, so that pages
 * stand side by side, each 64 KiB, and the request stays below the size that malloc maps.
 */
#define PAGE_BYTES (SLAB_PAGE - 128)

void slab_init(struct slab *slab)
{
    *slab = (struct slab){0};
}

static void page_free(struct slab *slab, struct slab_page *page)
{
    unpoison(page, PAGE_BYTES);
    mem_free(page);
    slab->pages--;
}

void slab_deinit(struct slab *slab)
{
    assert(slab->objects == 0);
    for (size_t i = 0; i < SLAB_MAX / SLAB_UNIT; i++)
        if (slab->classes[i].spare)
            page_free(slab, slab->classes[i].spare);
    assert(slab->pages == 0);
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

/* Opens the spare page of the class, else a new one. */
static struct slab_page *page_take(struct slab *slab, struct slab_class *class)
{
    struct slab_page *page = class->spare;

    if (page) {
        class->spare = NULL;
    } else {
        page = mem_alloc_aligned(SLAB_PAGE, PAGE_BYTES);
        if (!page)
            return NULL;
        *page = (struct slab_page){
            .fresh = sizeof(*page),
            .size = (uint32_t)(class - slab->classes + 1) * SLAB_UNIT,
        };
        poison(page + 1, PAGE_BYTES - sizeof(*page));
        slab->pages++;
    }
    page_open(class, page);
    return page;
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
        object = (char *)page + page->fresh;
        page->fresh += page->size;
    }
    unpoison(object, size);
    page->used++;
    if (!page->free && page->fresh + page->size > PAGE_BYTES)
        page_close(class, page);
    slab->objects++;
    return object;
}

void slab_free(struct slab *slab, void *object, size_t size)
{
    struct slab_page *page = (struct slab_page *)((uintptr_t)object & ~(SLAB_PAGE - 1));
    struct slab_class *class = class_of(slab, size <= SLAB_MAX ? size : 1);
    struct free_object *freed = object;

    if (!object)
        return;
    assert(slab->objects > 0);
    slab->objects--;
    if (size > SLAB_MAX) {
        mem_free(object);
        return;
    }
    assert(class == class_of(slab, page->size) && page->used > 0);
    if (!page->free && page->fresh + page->size > PAGE_BYTES)
        page_open(class, page);
    unpoison(object, sizeof(struct free_object));
    freed->next = page->free;
    page->free = freed;
    poison(object, page->size);
    if (--page->used > 0)
        return;
    page_close(class, page);
    if (class->spare)
        page_free(slab, page);
    else
        class->spare = page;
}
