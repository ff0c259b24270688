/* SPDX-License-Identifier: MIT */
/*
 * Requests that look on in pieces where there was no space, and another makes one (rule S31).
 */
#ifndef TSD_SPACE_HIDE_H
#define TSD_SPACE_HIDE_H

struct engine;
struct space;

/*
 * The space has just been made: those that may not look there go on where nothing ever is, as if it had
 * stayed away. Linear in all requests that wait or look on. The process ends without memory.
 */
void interests_hide(struct engine *engine, struct space *space);

#endif
