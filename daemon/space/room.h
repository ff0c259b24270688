/* SPDX-License-Identifier: MIT */
/*
 * Room in spaces that have a capacity, and the lines of those that wait for it (rule S30).
 *
 * A unit needs room for what it puts less what it finishes or finally takes. Those that wait for room
 * in a space stand in its line in the order in which they came; one that does not fit holds back later
 * ones. A unit that puts into several spaces stands in the line of each.
 */
#ifndef TSD_SPACE_ROOM_H
#define TSD_SPACE_ROOM_H

#include <stdbool.h>
#include <stdint.h>

struct engine;
struct interest;
struct space;
struct unit;

/* How much room a unit needs, space by space; those without a capacity do not appear. */
struct need {
    struct space *space;
    int64_t tuples; /* below 1: none */
};

struct needs {
    struct need *list;
    uint32_t count, capacity;
    uint64_t serial; /* of this filling: spaces know where they stand in it */
};

void needs_clear(struct needs *needs);
/* Returns 0, or -1 without memory. */
int needs_add(struct needs *needs, struct space *space, int64_t tuples);

/* The first space whose capacity is less than what is needed there: it can never fit. NULL: none. */
const struct space *needs_never_fit(const struct needs *needs);
/* Whether there is room for all now, and nobody older waits for any of it. */
bool needs_fit(const struct needs *needs, uint64_t since);

/* Whether any room is needed: a unit that needs none never waits for it. */
bool needs_any(const struct needs *needs);

/* The interest, which has a unit, joins the lines; one that needs no room any more, settle's line of
 * those who are to be served. Returns 0, or -1 without memory. */
int room_wait(struct engine *engine, struct interest *interest, const struct needs *needs);
void room_leave(struct engine *engine, struct interest *interest);

/* What atomics that wait for room need may have changed: they are looked at again. */
void room_needs_change(struct engine *engine);

/* Gives the space a capacity, 0 for none: those that wait for room stand in the lines that they need
 * now. Returns 0, or -1 without memory. Who can never fit any more is for the caller to look for, and
 * who fits now for settle. */
int room_set_capacity(struct engine *engine, struct space *space, uint64_t capacity);

#endif
