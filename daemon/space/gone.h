/* SPDX-License-Identifier: MIT */
/*
 * Spaces that were removed, with what was in them (rule S31).
 *
 * Such a space is out of the engine's table at once: its name is free for a new one, which gets its
 * keys; nobody finds a tuple of it, and its holds and deliveries are late (space->gone). What was in
 * it is freed in pieces, a tick each, or when a timer or the end of a session comes first; deliveries
 * when they are acknowledged, or their session ends. Then the space is freed, at the end of a step.
 */
#ifndef TSD_SPACE_GONE_H
#define TSD_SPACE_GONE_H

struct engine;
struct space;

/* The space goes; nobody waits in it or has a claim on what is held there. */
void gone_begin(struct engine *engine, struct space *space);
/* Something has left it. */
void gone_left(struct engine *engine, struct space *space);
/* At the end of a step: frees those that nothing is left in. */
void gone_free(struct engine *engine);
/* All that is in them goes at once; no session keeps anything any more. */
void gone_finish(struct engine *engine);

#endif
