/* SPDX-License-Identifier: MIT */
/*
 * A slab allocator: small objects of many sizes, packed, in any number of independent instances.
 *
 * Sizes up to SLAB_MAX are served from pages of one size class each (multiples of 8 bytes), larger
 * ones by mem_alloc. The page of an object is found from its address. Whoever frees an object says
 * its size, so objects carry no header. Objects are aligned to 8 bytes. Under ASan what is free is
 * poisoned.
 *
 * Pages are cut from chunks of 2 MiB; a slab that has grown beyond a few asks for them in huge pages.
 * A page without objects goes back to its chunk; in the first few one a class stays for the next. A
 * chunk without pages goes back to the system, one apart.
 */
#ifndef TSD_BASE_SLAB_H
#define TSD_BASE_SLAB_H

#include <stddef.h>

#define SLAB_MAX 2048                 /* bytes of the largest class */
#define SLAB_UNIT 8                   /* bytes between two classes */
#define SLAB_PAGE ((size_t)64 * 1024) /* bytes of a page, and its alignment */

struct slab_chunk;
struct slab_page;

struct slab_class {
    struct slab_page *open;  /* pages with room and with objects, the one in use first */
    struct slab_page *spare; /* a page without objects, or NULL */
};

struct slab {
    struct slab_class classes[SLAB_MAX / SLAB_UNIT];
    size_t objects;           /* handed out, large ones too */
    size_t pages;             /* in use, spares too */
    size_t chunks;            /* allocated, a spare too */
    struct slab_chunk *open;  /* chunks with free pages and with others */
    struct slab_chunk *spare; /* a chunk without pages in use, or NULL */
};

void slab_init(struct slab *slab);
void slab_deinit(struct slab *slab); /* all objects have been freed */

void *slab_alloc(struct slab *slab, size_t size) __attribute__((malloc, warn_unused_result));
/* `size` as it was allocated; NULL is fine. */
void slab_free(struct slab *slab, void *object, size_t size);

#endif
