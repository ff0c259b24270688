/* SPDX-License-Identifier: MIT */
/*
 * A request that has to look past more tuples than a step may: it goes on in pieces, at later ticks.
 *
 * It is no waiting request yet: meanwhile others come and are served as if it was not there. What
 * matches it is noted, from place to place; what becomes visible before the place that it has reached
 * is noted too (lookup_arrives), and what is gone by then is left out at the end. So when all is known
 * it is known of that moment: the request is taken up then, at a position of then, and is answered, or
 * waits from then on. A waiting request whose tuples have to be looked for anew while others are served
 * becomes one again, in the same way.
 */
#ifndef TSD_SPACE_LOOKUP_H
#define TSD_SPACE_LOOKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/request.h"

struct asker;
struct engine;
struct interest;
struct query;
struct space;
struct stored;

/* Of one part of the query. */
struct lookup_part {
    struct stored **list; /* matches in the order of place, with a reference each */
    uint32_t count, capacity;
    uint64_t next_key; /* what is placed before it has been looked at */
    bool ended;        /* there is nothing more: next_key is UINT64_MAX */
};

struct lookup {
    uint32_t indexes; /* that served it when it began */
    uint64_t from;    /* collect, copy: where it starts, a place */
    struct span to;   /* collect, copy: where to, its own copy of the name; bytes NULL: nowhere */
    uint32_t part_count;
    struct lookup_part parts[];
};

/*
 * Makes an interest of a request whose look was cut: its walk goes on from the start. Where that is
 * not to be it is refused, the query ended, and NULL returned.
 */
struct interest *lookup_begin(struct engine *engine, const struct asker *asker,
                              const struct request *request, struct query *query);
/* A waiting one becomes such again. The process ends without memory. */
void lookup_again(struct engine *engine, struct interest *interest);

/* It knows all, and is an interest as others are, in no chain; taken up now. */
void lookup_end(struct engine *engine, struct interest *interest);
void lookup_free(struct engine *engine, struct interest *interest); /* NULL is fine */
/* What was found of a part, which looks elsewhere from now on. */
void lookup_forget(struct engine *engine, struct interest *interest, uint32_t part);
/* It ends before all is known, by the unit under way: it is taken up, and over, at one position. */
void lookup_abandon(const struct engine *engine, struct interest *interest); /* if it is one */

/* A tuple of the space can be seen. */
void lookup_arrives(struct engine *engine, struct space *space, struct stored *tuple);

#endif
