/* SPDX-License-Identifier: MIT */
/*
 * What an answer of a scan with states has of tuples that are away (away.h): so many of those that
 * match, the first ones after a place.
 *
 * They are found by going over all that are away, in pieces, and keeping the best-placed: those that
 * have been met are sorted each time that there are twice as many as are wanted, and the rest goes. An
 * order of all that is away would cost every hold; a page costs a look at each of them, most of them at
 * their place alone.
 */
#ifndef TSD_SPACE_AWAY_PAGE_H
#define TSD_SPACE_AWAY_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "space/away.h"

struct query;

struct away_entry {
    struct away away;
    uint64_t key;
    uint64_t hold;   /* HELD: its number */
    uint32_t serial; /* of one that is met twice the later one counts */
};

struct away_page {
    struct away_walk walk;
    uint64_t from; /* keys from here on, or backwards */
    bool reverse;
    uint32_t max;
    struct away_entry *list; /* each with a reference to its tuple */
    uint32_t count, capacity, serial;
    bool full;          /* there were more: */
    uint64_t bound_key; /* after this one */
};

/* The process ends without memory. */
struct away_page *away_page_new(struct engine *engine, const struct space *space, uint64_t from,
                                bool reverse, uint32_t max);
/* Goes over a piece of them. Returns whether that was all, or the query has overrun. */
bool away_page_go_on(struct engine *engine, struct away_page *page, struct query *query);
/* The list is in order then, and those of it are that are still where they were met. */
void away_page_close(struct engine *engine, struct away_page *page);
void away_page_free(struct engine *engine, struct away_page *page); /* NULL is fine */

/* Whether a place comes after another one in the order of the page. */
static inline bool away_page_after(const struct away_page *page, uint64_t key, uint64_t other)
{
    return page->reverse ? key < other : key > other;
}

#endif
