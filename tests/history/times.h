/* SPDX-License-Identifier: MIT */
/* What the check by times knows of each tuple, and of who may have taken it. */
#ifndef TSD_HISTORY_TIMES_H
#define TSD_HISTORY_TIMES_H

#include "history/match.h"
#include "history/table.h"
#include "history/verdict.h"

struct span_ns {
    uint64_t low, high;
};

/* A tuple that an answered request put. */
struct lived {
    uint64_t id;
    int space, put_by, final_by;
    struct span bytes;
    int8_t priority;
    uint64_t put_ns;      /* not put before this */
    bool plain;           /* it neither goes nor comes by itself */
    struct span_ns there; /* surely; empty where low >= high */
    uint64_t final_ns;    /* from here on it is gone for good; UINT64_MAX: not known */
};

/* A request that may have taken what matches, and does not tell. */
struct unknown {
    int space;
    struct span_ns when;
    struct span pattern;
};

/* Stretches in which some match of a pattern is surely there, in order, none touching another. */
struct cover {
    int space;
    struct span pattern;
    struct span_ns *list;
    size_t count, capacity;
    struct lived **lives; /* the matches, by when they are there */
    size_t life_count, life_capacity;
};

struct times {
    const struct history *history;
    struct verdict *verdict;
    struct lived *lives;
    size_t count;
    struct table by_id, covers;
    struct unknown *unknown;
    size_t unknown_count;
    struct cover **list;
    size_t cover_count, cover_capacity;
};

void times_lives(struct times *times);  /* times.c: fills in lives */
void times_covers(struct times *times); /* covers.c: what the answers say, against them */

#endif
