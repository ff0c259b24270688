/* SPDX-License-Identifier: MIT */
/*
 * Deadlines of one length: a list in the order of their ends, whatever their number.
 *
 * All deadlines of a list are equally long, so a new one goes to the end: setting, moving and
 * clearing cost O(1), and no connection has a timer. A deadline is zeroed before its first use and
 * in at most one list.
 */
#ifndef TSD_SERVER_DEADLINE_H
#define TSD_SERVER_DEADLINE_H

#include <stdint.h>
#include <sys/queue.h>

struct deadlines;

struct deadline {
    TAILQ_ENTRY(deadline) link;
    struct deadlines *list; /* NULL: not set */
    uint64_t end_ns;
};

struct deadlines {
    TAILQ_HEAD(deadline_list, deadline) list;
    uint64_t length_ns;
};

void deadlines_init(struct deadlines *deadlines, uint64_t length_ns);

/* They are so long from now on, those that run too, from when they began. */
void deadlines_set_length(struct deadlines *deadlines, uint64_t length_ns);

/* Sets it, or sets it anew, to end a list's length from now. */
void deadline_set(struct deadline *deadline, struct deadlines *deadlines, uint64_t now_ns);
void deadline_clear(struct deadline *deadline);

/* When the first one ends; UINT64_MAX where there is none. */
uint64_t deadlines_next(const struct deadlines *deadlines);

/* The first that has ended by now, cleared; NULL where there is none. */
struct deadline *deadlines_pop(struct deadlines *deadlines, uint64_t now_ns);

#endif
