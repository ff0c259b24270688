/* SPDX-License-Identifier: MIT */
/*
 * What taking costs inside the engine with few and with many tuples stored, by what is looked for; and
 * what it costs to try the same tuples one after the other.
 */
#include "contrib/bench/engine/parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "contrib/bench/engine/feed.h"
#include "space/match.h"

#define BATCH 64 /* takes, then as many puts */
#define WARM_BATCHES 64
#define SETTLED_NS 20000 /* a look that an index serves costs less */
#define PATIENCE_NS UINT64_C(60000000000)

static const struct way {
    const char *name;
    enum grown_by by;
    bool wide;
    bool same; /* the index is that of the way before, whose engines serve again */
} ways[] = {{"first", GROWN_FIRST, false, false}, {"rest", GROWN_REST, false, true},
            {"third", GROWN_THIRD, false, false}, {"two", GROWN_TWO, false, false},
            {"range", GROWN_RANGE, false, false}, {"wide-range", GROWN_RANGE, true, true}};
#define WAYS (sizeof ways / sizeof *ways)

/* So many different numbers: of those of the stock whose range is all there. */
static void draw(const struct feed *feed, uint32_t *numbers)
{
    const uint32_t bound = feed->grown.count - (feed->by == GROWN_RANGE ? feed->span : 0) + 1;
    const uint32_t part = bound / BATCH;

    for (uint32_t k = 0; k < BATCH; k++)
        numbers[k] = k * part + feed_random(part);
    for (uint32_t k = BATCH - 1; k > 0; k--) {
        const uint32_t other = feed_random(k + 1), kept = numbers[k];
        numbers[k] = numbers[other];
        numbers[other] = kept;
    }
}

struct spent {
    uint64_t takes_ns, puts_ns, pairs;
};

static void batch(struct feed *feed, struct spent *spent)
{
    static struct look looks[BATCH];
    uint32_t numbers[BATCH];

    feed_work(feed);
    draw(feed, numbers);
    for (uint32_t k = 0; k < BATCH; k++)
        feed_prepare(feed, numbers[k], &looks[k]);
    const uint64_t begun_ns = feed_cpu_ns();
    for (uint32_t k = 0; k < BATCH; k++)
        feed_take(feed, &looks[k]);
    const uint64_t between_ns = feed_cpu_ns();
    for (uint32_t k = 0; k < BATCH; k++)
        feed_put_back(feed, &looks[k]);
    spent->takes_ns += between_ns - begun_ns;
    spent->puts_ns += feed_cpu_ns() - between_ns;
    spent->pairs += BATCH;
    for (uint32_t k = 0; k < BATCH; k++)
        feed_check(feed, &looks[k]);
}

/* Looks until an index serves them; false where none does. */
static bool settle(struct feed *feed)
{
    const uint64_t end_ns = feed_cpu_ns() + PATIENCE_NS;
    struct look look;
    unsigned fast = 0;

    while (fast < 8 && feed_cpu_ns() < end_ns) {
        feed_prepare(feed, feed_random(feed->grown.count - feed->span + 1), &look);
        const uint64_t begun_ns = feed_cpu_ns();
        feed_take(feed, &look);
        feed_put_back(feed, &look);
        feed_work(feed);
        fast = feed_cpu_ns() - begun_ns < SETTLED_NS ? fast + 1 : 0;
    }
    return fast == 8;
}

static void start(const struct parts *parts, struct feed *feeds)
{
    for (unsigned s = 0; s < parts->size_count; s++) {
        feed_init(&feeds[s], parts->sizes[s]);
        feed_fill(&feeds[s]);
    }
}

static void warm(const struct parts *parts, struct feed *feeds, const struct way *way,
                 bool *settled)
{
    for (unsigned s = 0; s < parts->size_count; s++) {
        struct spent spent = {0};
        feed_look_by(&feeds[s], way->by, way->wide ? parts->sizes[s] / 100 : GROWN_SPAN);
        settled[s] = settle(&feeds[s]);
        for (unsigned i = 0; settled[s] && i < WARM_BATCHES; i++)
            batch(&feeds[s], &spent);
        if (!settled[s])
            printf("unsettled %s %" PRIu32 "\n", way->name, parts->sizes[s]);
    }
}

static void measure(const struct parts *parts, struct feed *feeds, const struct way *way)
{
    bool settled[SIZES_MAX];

    warm(parts, feeds, way, settled);
    for (unsigned round = 0; round < parts->rounds; round++) {
        for (unsigned s = 0; s < parts->size_count; s++) {
            struct spent spent = {0};
            while (settled[s] && spent.takes_ns + spent.puts_ns < parts->measured_ns)
                batch(&feeds[s], &spent);
            if (settled[s])
                printf("growth %s %" PRIu32 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", way->name,
                       parts->sizes[s], spent.pairs, spent.takes_ns, spent.puts_ns);
        }
        fflush(stdout);
    }
}

/* Each index has engines of its own: what one costs that is not looked in is not another one's. */
void part_growth(const struct parts *parts)
{
    static struct feed feeds[SIZES_MAX];

    for (unsigned i = 0, next; i < WAYS; i = next) {
        bool started = false;
        for (next = i; next == i || (next < WAYS && ways[next].same); next++) {
            if (parts->only && strcmp(parts->only, ways[next].name) != 0)
                continue;
            if (!started)
                start(parts, feeds);
            started = true;
            measure(parts, feeds, &ways[next]);
        }
        for (unsigned s = 0; started && s < parts->size_count; s++)
            feed_deinit(&feeds[s]);
    }
}

static uint64_t scan(const struct feed *feed, const uint8_t *tuples, uint32_t i)
{
    const struct template *take = &feed->take[i % GROWN_LENGTHS];
    uint64_t tried = 0;

    grown_pattern(&feed->grown, feed->by, i, 0, take->bytes);
    for (; tried < feed->grown.count; tried++) {
        struct match match = {0};
        if (match_tuple(&match, &take->request.alternatives[0].pattern,
                        tuples + tried * GROWN_MOST))
            break;
    }
    if (tried != i)
        feed_fail("a scan found another tuple");
    return tried;
}

static void measure_scan(const struct parts *parts, struct feed *feed)
{
    uint8_t *tuples = malloc((size_t)feed->grown.count * GROWN_MOST);

    if (!tuples)
        feed_fail("no memory");
    for (uint32_t i = 0; i < feed->grown.count; i++)
        grown_tuple(&feed->grown, i, tuples + (size_t)i * GROWN_MOST);
    for (unsigned round = 0; round < parts->rounds; round++) {
        uint64_t scans = 0;
        const uint64_t begun_ns = feed_cpu_ns();
        do
            scan(feed, tuples, feed_random(feed->grown.count));
        while (++scans < 16 || feed_cpu_ns() - begun_ns < parts->measured_ns / 4);
        printf("scan third %" PRIu32 " %" PRIu64 " %" PRIu64 " 0\n", feed->grown.count, scans,
               feed_cpu_ns() - begun_ns);
    }
    free(tuples);
}

void part_scan(const struct parts *parts)
{
    for (unsigned s = 0; s < parts->size_count; s++) {
        struct feed feed;
        feed_init(&feed, parts->sizes[s]);
        feed_look_by(&feed, GROWN_THIRD, GROWN_SPAN);
        measure_scan(parts, &feed);
        feed_deinit(&feed);
    }
}
