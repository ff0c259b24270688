/* SPDX-License-Identifier: MIT */
/*
 * What is asked of spaces that are there and hidden, beside spaces that are not there (rule S31): can
 * they be told apart by time? Batches of either are interleaved; a line is a block of them:
 *
 *     hidden WHAT BLOCK REQUESTS NANOSECONDS NANOSECONDS
 *
 * the first time being that of the hidden ones.
 */
#include "contrib/bench/engine/parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "contrib/bench/engine/feed.h"
#include "protocol/text_read.h"

#define NAMES 64 /* of either kind, so that no place in a hash table is what is measured */
#define BATCH 32 /* requests about one name */
#define PAIRS 64 /* of batches in a block */
#define BLOCKS_MOST 4096
#define OTHERS 1000 /* spaces beside */

enum { OWNER = 1, ASKER = 2 };

static struct feed feed;
static struct template own;

static void comes(uint64_t session)
{
    const uint32_t group = (uint32_t)session;

    engine_step(feed.engine, feed.now_ns,
                &(struct command){.kind = COMMAND_COMES,
                                  .session = session,
                                  .user = (uint32_t)session,
                                  .groups = &group,
                                  .group_count = 1},
                &feed.effects);
}

static void name_of(char name[static 8], char kind, uint32_t i)
{
    (void)snprintf(name, 8, "%c%06" PRIu32, kind, i);
}

static void rename_to(struct request *request, const char *name)
{
    request->space = (struct span){(const uint8_t *)name, (uint32_t)strlen(name)};
    request->alternatives[0].space = request->space;
}

static void do_one(struct request *request, enum ts_status status)
{
    request->number++;
    feed_step(&feed, request);
    if (feed.effects.count != 1 || feed.effects.list[0].status != status)
        feed_fail("a space that is not to be seen is answered otherwise");
    feed_clear(&feed);
}

static void put(uint64_t session, const char *name)
{
    static const uint8_t tuple[] = {0x91, 1};
    struct request out = {.op = TSD_OP_OUT, .tuple_count = 1, .tuples = {tuple, sizeof tuple}};

    feed.session = session;
    rename_to(&out, name);
    do_one(&out, TS_OK);
}

static void make_spaces(void)
{
    char name[8];

    for (uint32_t i = 0; i < NAMES; i++) {
        name_of(name, 'h', i);
        put(OWNER, name);
    }
    for (uint32_t i = 0; i < OTHERS; i++) {
        name_of(name, 'o', i);
        put(OWNER, name);
    }
    put(ASKER, "own");
}

/* It looks for [1]. */
static void make_template(struct template *template, struct request fields)
{
    struct buffer pattern = BUFFER_INIT;
    struct problem problem;

    if (text_read_pattern("[1]", 3, NULL, &pattern, &problem) < 0)
        feed_fail(problem.text);
    fields.alternatives[0].pattern.bytes = pattern.bytes;
    fields.alternatives[0].pattern.size = (uint32_t)pattern.size;
    fields.alternative_count = 1;
    feed_template(template, &fields);
    buffer_deinit(&pattern);
}

/* One batch about a name of that kind; after each request one about a space of its own, if so. */
static uint64_t batch(struct template *template, char kind, uint32_t i, enum ts_status status,
                      bool beside)
{
    char name[8];

    name_of(name, kind, i);
    rename_to(&template->request, name);
    rename_to(&own.request, "own");
    const uint64_t begun_ns = feed_cpu_ns();
    for (int n = 0; n < BATCH; n++) {
        do_one(&template->request, status);
        if (beside)
            do_one(&own.request, TS_OK);
    }
    return feed_cpu_ns() - begun_ns;
}

static void block(const char *what, uint32_t number, struct template *template,
                  enum ts_status status, bool beside)
{
    uint64_t hidden_ns = 0, absent_ns = 0;

    for (int pair = 0; pair < PAIRS; pair++) {
        const uint32_t i = feed_random(NAMES);
        const bool first = feed_random(2);
        if (first)
            hidden_ns += batch(template, 'h', i, status, beside);
        absent_ns += batch(template, 'a', i, status, beside);
        if (!first)
            hidden_ns += batch(template, 'h', i, status, beside);
    }
    printf("hidden %s %" PRIu32 " %d %" PRIu64 " %" PRIu64 "\n", what, number, PAIRS * BATCH,
           hidden_ns, absent_ns);
}

/* As many blocks as go into the time. */
static void measure(const struct parts *parts, const char *what, struct request fields,
                    enum ts_status status, bool beside)
{
    struct template template;
    const uint64_t until_ns = feed_cpu_ns() + parts->rounds * parts->measured_ns;

    make_template(&template, fields);
    for (uint32_t i = 0; i < BLOCKS_MOST && feed_cpu_ns() < until_ns; i++)
        block(what, i, &template, status, beside);
    feed_template_deinit(&template);
}

void part_hidden(const struct parts *parts)
{
    const struct request rdp = {.op = TSD_OP_RD, .has = TSD_HAS(TIMEOUT)},
                         count = {.op = TSD_OP_COUNT},
                         atomic = {.op = TSD_OP_ATOMIC,
                                   .has = TSD_HAS(TIMEOUT),
                                   .guards = {{.kind = TSD_GUARD_RD}}};

    feed = (struct feed){.session = ASKER};
    feed.engine = engine_new(&(struct engine_options){.key = {3, 4}});
    if (!feed.engine)
        feed_fail("no memory");
    comes(OWNER);
    comes(ASKER);
    make_spaces();
    make_template(&own, rdp);
    feed.session = ASKER;
    measure(parts, "rdp", rdp, TS_NOMATCH, false);
    measure(parts, "count", count, TS_OK, false);
    measure(parts, "atomic", atomic, TS_NOMATCH, false);
    measure(parts, "beside", rdp, TS_NOMATCH, true);
    feed_template_deinit(&own);
    effects_deinit(feed.engine, &feed.effects);
    engine_free(feed.engine);
}
