/* SPDX-License-Identifier: MIT */
#include "contrib/bench/engine/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "space/stored.h"

#define PIECE 256 /* as the daemon's */

uint64_t feed_cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

uint32_t feed_random(uint32_t bound)
{
    static uint64_t state = UINT64_C(0x9e3779b97f4a7c15);

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 32) * bound >> 32);
}

void feed_fail(const char *what)
{
    fprintf(stderr, "bench: the engine: %s\n", what);
    exit(1);
}

void feed_template(struct template *template, struct request *fields)
{
    struct frame body;
    struct problem problem;
    size_t want;

    *template = (struct template){.room = calloc(1, sizeof *template->room)};
    if (!template->room)
        feed_fail("no memory");
    fields->number = 1;
    fields->min = fields->max = 1;
    fields->space = (struct span){(const uint8_t *)"main", 4};
    fields->alternatives[0].space = fields->space;
    request_encode(fields, &template->frame);
    frame_next(template->frame.bytes, template->frame.size, LIMIT_FRAME_BYTES, &body, &want,
               &problem);
    if (request_decode(&body, template->room, &template->request, &problem) != 0)
        feed_fail(problem.text);
    /* they are in the frame, which is ours */
    template->bytes = (uint8_t *)(template->request.op == TSD_OP_OUT
                                      ? template->request.tuples.bytes
                                      : template->request.alternatives[0].pattern.bytes);
}

void feed_template_deinit(struct template *template)
{
    buffer_deinit(&template->frame);
    free(template->room);
}

static void step(struct feed *feed, const struct command *command)
{
    feed->now_ns += 100;
    engine_step(feed->engine, feed->now_ns, command, &feed->effects);
}

void feed_step(struct feed *feed, const struct request *request)
{
    step(feed, &(struct command){.kind = COMMAND_REQUEST,
                                 .session = feed->session,
                                 .ack = feed->delivery,
                                 .request = request});
}

void feed_work(struct feed *feed)
{
    while (engine_due(feed->engine) <= feed->now_ns) {
        step(feed, &(struct command){.kind = COMMAND_TICK});
        feed_clear(feed);
    }
}

void feed_clear(struct feed *feed)
{
    effects_clear(feed->engine, &feed->effects);
}

void feed_init(struct feed *feed, uint32_t count)
{
    *feed = (struct feed){.session = 1, .grown = grown_stock(count)};
    feed->engine = engine_new(&(struct engine_options){.key = {3, 4}, .piece = PIECE});
    if (!feed->engine)
        feed_fail("no memory");
    for (uint64_t session = 1; session <= 2; session++) /* the second one is for those that wait */
        step(feed, &(struct command){.kind = COMMAND_COMES, .session = session});
    feed_clear(feed);
    for (uint32_t i = 0; i < GROWN_LENGTHS; i++) {
        uint8_t tuple[GROWN_MOST];
        struct request put = {.op = TSD_OP_OUT, .tuple_count = 1, .tuples.bytes = tuple};
        put.tuples.size = (uint32_t)grown_tuple(&feed->grown, i, tuple);
        feed_template(&feed->put[i], &put);
    }
}

void feed_deinit(struct feed *feed)
{
    for (uint32_t i = 0; i < GROWN_LENGTHS; i++) {
        feed_template_deinit(&feed->put[i]);
        feed_template_deinit(&feed->take[i]);
    }
    effects_deinit(feed->engine, &feed->effects);
    engine_free(feed->engine);
}

void feed_look_by(struct feed *feed, enum grown_by by, uint32_t span)
{
    feed->by = by;
    feed->span = span;
    for (uint32_t i = 0; i < GROWN_LENGTHS; i++) {
        uint8_t pattern[GROWN_PATTERN];
        struct request take = {.op = TSD_OP_IN, .has = TSD_HAS(TIMEOUT), .alternative_count = 1};
        take.alternatives[0].pattern.bytes = pattern;
        take.alternatives[0].pattern.size =
            (uint32_t)grown_pattern(&feed->grown, by, i, span, pattern);
        feed_template_deinit(&feed->take[i]);
        feed_template(&feed->take[i], &take);
    }
}

static void put(struct feed *feed, const struct template *put)
{
    feed_step(feed, &put->request);
    if (feed->effects.count != 1 || feed->effects.list[0].status != TS_OK)
        feed_fail("a put was not done");
    feed_clear(feed);
}

void feed_put(struct feed *feed, uint32_t i)
{
    const struct template *template = &feed->put[i % GROWN_LENGTHS];

    grown_tuple(&feed->grown, i, template->bytes);
    put(feed, template);
}

void feed_put_back(struct feed *feed, const struct look *look)
{
    const struct template *template = &feed->put[look->i % GROWN_LENGTHS];

    memcpy(template->bytes, look->tuple, look->size);
    put(feed, template);
}

void feed_prepare(const struct feed *feed, uint32_t i, struct look *look)
{
    look->i = i;
    grown_pattern(&feed->grown, feed->by, i, feed->span, look->pattern);
}

void feed_take(struct feed *feed, struct look *look)
{
    const struct template *take = &feed->take[look->i % GROWN_LENGTHS];

    memcpy(take->bytes, look->pattern, take->request.alternatives[0].pattern.size);
    feed_step(feed, &take->request);
    while (feed->effects.count == 0) /* it is walking, in pieces */
        step(feed, &(struct command){.kind = COMMAND_TICK});
    const struct effect *effect = &feed->effects.list[0];
    if (effect->status != TS_OK || effect->item_count != 1)
        feed_fail("a take found nothing");
    const struct stored *tuple = feed->effects.items[effect->items].tuple;
    look->size = stored_size(tuple) < GROWN_MOST ? stored_size(tuple) : GROWN_MOST;
    memcpy(look->tuple, tuple->bytes, look->size); /* as the daemon, into an answer */
    feed->delivery = effect->delivery;
    feed_clear(feed);
}

void feed_check(const struct feed *feed, const struct look *look)
{
    const uint32_t came = grown_number(&feed->grown, look->tuple, look->size), i = look->i;

    if (came % GROWN_LENGTHS != i % GROWN_LENGTHS ||
        (feed->by == GROWN_RANGE ? came < i || came - i >= feed->span : came != i))
        feed_fail("a take gave another tuple");
}

void feed_fill(struct feed *feed)
{
    for (uint32_t i = 0; i < feed->grown.count; i++)
        feed_put(feed, i);
}

void feed_wait(struct feed *feed, uint32_t count)
{
    struct template waits[8];

    feed->session = 2;
    for (uint32_t w = 0; w < 8; w++) {
        uint8_t pattern[GROWN_PATTERN];
        struct request in = {.op = TSD_OP_IN, .alternative_count = 1};
        in.alternatives[0].pattern.bytes = pattern;
        in.alternatives[0].pattern.size = (uint32_t)grown_other(w, pattern);
        feed_template(&waits[w], &in);
    }
    for (uint32_t w = 0; w < count; w++) {
        struct template *in = &waits[w % 8];
        grown_other(w, in->bytes);
        in->request.number = w + 1;
        feed_step(feed, &in->request);
        if (feed->effects.count > 0)
            feed_fail("a request did not wait");
    }
    for (uint32_t w = 0; w < 8; w++)
        feed_template_deinit(&waits[w]);
    feed->session = 1;
}
