/* SPDX-License-Identifier: MIT */
/*
 * Serving one request that waits. When and in which order is settle's.
 */
#ifndef TSD_SPACE_SERVE_H
#define TSD_SPACE_SERVE_H

#include <stdbool.h>

struct engine;
struct interest;

/* Serves it if that can be: a unit; it is freed then. One that cannot stays, perhaps elsewhere. */
bool serve(struct engine *engine, struct interest *interest);

/* Tells one that ends why, and frees it. */
void serve_end(struct engine *engine, struct interest *interest);

/* Atomics that wait for room stand in line only while their guards hold (rule S30). */
void serve_lined(struct engine *engine, bool all); /* or those that are stirred */

#endif
