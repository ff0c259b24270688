/* SPDX-License-Identifier: MIT */
/*
 * Tuples that a unit puts: made first, which may be refused, then placed, then shown.
 *
 * What was made but not placed belongs to the list, also while a request waits for room. Until
 * puts_place has succeeded nothing has changed.
 */
#ifndef TSD_SPACE_PUT_H
#define TSD_SPACE_PUT_H

#include <stdint.h>

#include "protocol/request.h"
#include "protocol/tuple.h"

struct attributes;
struct engine;
struct session;
struct space;
struct stored;

struct put {
    struct stored *tuple;
    struct space *space;
    struct attributes *attributes; /* NULL: it has none */
    uint64_t ttl_us, delay_us;     /* UINT64_MAX, 0: none */
    struct session *bound;
};

struct puts {
    struct put *list;
    uint32_t count, capacity;
};

void puts_init(struct puts *puts);
/* Frees what was not placed; the list is empty then. puts_deinit frees the list, too. */
void puts_drop(struct engine *engine, struct puts *puts);
void puts_deinit(struct engine *engine, struct puts *puts);
void puts_clear(struct puts *puts); /* forgets what was placed */

/* Makes one more tuple, of the session. Returns 0, or -1 without memory. */
int puts_add(struct engine *engine, struct puts *puts, struct session *session, struct space *space,
             const struct tuple_view *view, const struct putting *putting);

/*
 * Gives all of them ids and places, unseen, and starts their lives and delays (rule S26). Returns 0,
 * or -1 without memory: then all is as before.
 */
int puts_place(struct engine *engine, struct puts *puts);
/* What was placed can be seen, what is delayed apart. The list is empty then. */
void puts_show(struct engine *engine, struct puts *puts);

#endif
