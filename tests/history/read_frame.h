/* SPDX-License-Identifier: MIT */
/* Frames of a recording as ops and events: the wire's fields into the history's. */
#ifndef TSD_HISTORY_READ_FRAME_H
#define TSD_HISTORY_READ_FRAME_H

#include "history/history.h"

/* Adds the op; NULL and why not, where the frame is no request that can be checked. */
struct op *history_read_request(struct history *history, int session, const uint8_t *body,
                                size_t size, char why[static 512]);

/* The number of the request that an answer is to; 0 where it is none. */
uint64_t history_answer_number(const uint8_t *body, size_t size);

/* Fills in the answer, or adds the events of a watch. Returns 0, or -1 and why not. */
int history_read_answer(struct history *history, int op, const uint8_t *body, size_t size,
                        uint64_t time_ns, char why[static 512]);

#endif
