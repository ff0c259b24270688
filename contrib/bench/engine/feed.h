/* SPDX-License-Identifier: MIT */
/*
 * An engine that one session feeds, without a server: requests are decoded once, and then only the
 * bytes of their tuple or pattern are written anew. Each step's effects are looked at, and cleared,
 * before the next one, as the daemon does it.
 *
 * What is answered wrongly ends the program with status 1.
 */
#ifndef BENCH_ENGINE_FEED_H
#define BENCH_ENGINE_FEED_H

#include "contrib/bench/grown.h"
#include "space/engine.h"

/* A decoded request, and where its tuple or pattern stands in its frame. */
struct template
{
    struct buffer frame;
    struct pattern_room *room;
    struct request request;
    uint8_t *bytes;
};

struct feed {
    struct engine *engine;
    struct effects effects;
    uint64_t now_ns, delivery;
    uint64_t session;   /* the one whose templates these are */
    struct grown grown; /* the stock */
    uint32_t span;      /* of a range */
    enum grown_by by;   /* of the takes */
    struct template put[GROWN_LENGTHS], take[GROWN_LENGTHS];
};

void feed_init(struct feed *feed, uint32_t count);
void feed_deinit(struct feed *feed);
/* Puts the whole stock. */
void feed_fill(struct feed *feed);
void feed_look_by(struct feed *feed, enum grown_by by, uint32_t span);

/* A look for tuple i (a range: from i on), written beforehand, and the tuple that it gave. */
struct look {
    uint32_t i;
    uint8_t pattern[GROWN_PATTERN];
    uint32_t size; /* of the tuple */
    uint8_t tuple[GROWN_MOST];
};
void feed_prepare(const struct feed *feed, uint32_t i, struct look *look);
void feed_take(struct feed *feed, struct look *look);
/* Whether that is one that it may have given. */
void feed_check(const struct feed *feed, const struct look *look);
void feed_put_back(struct feed *feed, const struct look *look);
void feed_put(struct feed *feed, uint32_t i);

/* A request from its fields, its tuple or pattern to be written anew; space and number are filled in. */
void feed_template(struct template *template, struct request *fields);
void feed_template_deinit(struct template *template);
/* Does it; one that waits is to have a number of its own. */
void feed_step(struct feed *feed, const struct request *request);
void feed_clear(struct feed *feed);
/* Ticks as long as there is work that is due at once, as the daemon does when nothing else comes. */
void feed_work(struct feed *feed);
/* Another session asks for what does not come: so many requests wait then, of 8 shapes. */
void feed_wait(struct feed *feed, uint32_t count);

/* CPU time: what else runs on the machine shows in the caches only. */
uint32_t feed_random(uint32_t bound); /* below it; the same ones in each run */
uint64_t feed_cpu_ns(void);
void feed_fail(const char *what) __attribute__((noreturn));

#endif
