/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "protocol/value.h"
#include "space/match.h"
#include "space/operation.h"
#include "space/report.h"
#include "space/state.h"
#include "space/stored.h"

/*
 * Explaining looks as `rd` would and tells what it saw: it takes nothing, counts nothing, and asks for
 * no index. Where nothing matches it looks further, for tuples that nearly do, also under other first
 * fields and of other lengths.
 */

#define LOOKED_MOST                                                                                \
    16384 /* tuples (query_cost) that are tried, and as many that are looked at then */
#define NEAREST 3
#define NEAREST_MOST 64

struct near {
    struct stored *tuple;
    unsigned wrong;
};

struct explaining {
    struct engine *engine;
    struct query *query;
    struct match match;     /* its counts are told nobody */
    uint64_t cost, charged; /* the work of expressions that is in the cost */
    uint64_t tried;
    bool stopped;
    struct stored *matching;
    struct near nearest[NEAREST_MOST]; /* least wrong first, then by place */
    uint32_t count, most;
};

static const struct pattern *pattern_of(const struct explaining *explaining)
{
    return &explaining->query->parts->pattern;
}

static bool overrun(const struct explaining *explaining)
{
    return explaining->match.overruns >= LIMIT_REGEX_OVERRUNS;
}

/* Whether so much was looked at that it is enough. */
static bool enough(struct explaining *explaining, const struct stored *tuple)
{
    const uint64_t work = explaining->match.work - explaining->charged; /* for those before */
    explaining->charged += work;
    explaining->cost += query_cost(explaining->query->parts, tuple, work);
    return explaining->cost > LOOKED_MOST || overrun(explaining);
}

/* ---- Field by field ---- */

/* Calls `each` with what every matcher says of its field; one that is not there does not match. */
static void judge(struct explaining *explaining, const uint8_t *tuple,
                  void (*each)(void *context, bool matches), void *context)
{
    const struct pattern *pattern = pattern_of(explaining);
    const struct tuple_view view = tuple_at(tuple);
    const struct matcher *node = pattern->nodes;
    const uint8_t *field = tuple_first(tuple);
    for (unsigned i = 0; i < pattern->fields; i++, node += node->skip) {
        const bool there = i < view.fields;
        each(context, there && match_field(&explaining->match, pattern, node, field));
        if (there)
            field = value_skip_trusted(field);
    }
}

static void count_wrong(void *context, bool matches)
{
    *(unsigned *)context += !matches;
}

/* How many matchers do not match, and one more for a tuple that is too long. */
static unsigned wrong_of(struct explaining *explaining, const struct stored *tuple)
{
    const struct pattern *pattern = pattern_of(explaining);
    unsigned wrong = !pattern->rest && stored_fields(tuple) > pattern->fields;
    judge(explaining, tuple->bytes, count_wrong, &wrong);
    return wrong;
}

static bool is_nearer(const struct near *one, const struct near *other)
{
    if (one->wrong != other->wrong)
        return one->wrong < other->wrong;
    return stored_key(one->tuple) < stored_key(other->tuple);
}

/* One that does not match: among the nearest, if it is. It may be one that was considered before. */
static void consider(struct explaining *explaining, struct stored *tuple)
{
    const struct near near = {tuple, wrong_of(explaining, tuple)};
    struct near *nearest = explaining->nearest;
    uint32_t at = explaining->count;
    if (near.wrong == 0) /* a match, if the walk for one stopped before it */
        return;
    while (at > 0 && is_nearer(&near, &nearest[at - 1]))
        at--;
    if (at == explaining->most || (at > 0 && nearest[at - 1].tuple == tuple))
        return;
    if (explaining->count < explaining->most)
        explaining->count++;
    memmove(&nearest[at + 1], &nearest[at], (explaining->count - 1 - at) * sizeof *nearest);
    nearest[at] = near;
}

/* ---- Looking ---- */

static void look_as_rd(struct explaining *explaining)
{
    struct engine *engine = explaining->engine;
    const struct query_part *part = explaining->query->parts;
    struct walk *walk = &engine->looks[0].walk;
    struct stored *tuple;
    walk->unnoticed = true;
    walk_begin(walk, engine, part->space, &part->pattern);
    walk->unnoticed = false;
    while ((tuple = walk_next(walk))) {
        if (enough(explaining, tuple)) {
            explaining->stopped = true;
            return;
        }
        explaining->tried++;
        if (match_tuple(&explaining->match, &part->pattern, tuple->bytes)) {
            explaining->matching = tuple;
            return;
        }
        consider(explaining, tuple);
    }
}

static void look_at_length(struct explaining *explaining, const struct length *length)
{
    struct stored *tuple;
    struct places_cursor at = places_seek(&length->all, 0);
    for (; (tuple = places_at(&at)) && !enough(explaining, tuple); places_next(&at))
        consider(explaining, tuple);
}

/* Tuples of the lengths that fit come first: of the others none can match as it is. */
static void look_further(struct explaining *explaining)
{
    const struct space *space = explaining->query->parts->space;
    const struct pattern *pattern = pattern_of(explaining);
    explaining->cost = 0;
    for (int fitting = 1; fitting >= 0; fitting--)
        for (uint32_t fields = 1; fields < space->length_count; fields++) {
            const bool fits = pattern->rest ? fields >= pattern->fields : fields == pattern->fields;
            if (fits == (fitting == 1))
                look_at_length(explaining, &space->lengths[fields]);
        }
}

/* ---- Telling ---- */

static void tell_verdict(void *context, bool matches)
{
    report_bool(context, matches);
}

static void tell_verdicts(struct explaining *explaining, struct report *verdicts,
                          const uint8_t *tuple)
{
    struct report array = report_array(verdicts->out);
    judge(explaining, tuple, tell_verdict, &array);
    report_end(&array);
    verdicts->count++;
}

static void tell_ways(const struct explaining *explaining, struct report *map)
{
    const struct space *space = explaining->query->parts->space;
    const struct pattern *pattern = pattern_of(explaining);
    struct report ways = report_array_at(map, TSD_EXPLAIN_WAYS);
    for (uint32_t fields = 1; space && fields < space->length_count; fields++) {
        const bool fits = pattern->rest ? fields >= pattern->fields : fields == pattern->fields;
        if (fits && space->lengths[fields].all.count > 0)
            report_way(&ways, explaining->engine, space, fields, pattern);
    }
    report_end(&ways);
}

/* Adds the tuple to the items, unless they would be more than an answer has. */
static void tell_tuple(struct explaining *explaining, struct effect *effect,
                       struct report *verdicts, struct stored *tuple, uint64_t *bytes)
{
    const uint64_t with = *bytes + stored_size(tuple);
    if (effect->item_count > 0 && with > explaining->engine->options.reply_bytes)
        return;
    *bytes = with;
    answer_item(explaining->engine, effect, tuple, 0);
    tell_verdicts(explaining, verdicts, tuple->bytes);
}

static void tell_stored(struct explaining *explaining, struct effect *effect, struct report *map)
{
    uint64_t bytes = 0;
    if (explaining->matching || !explaining->stopped)
        report_bool_at(map, TSD_EXPLAIN_MATCHES, explaining->matching != NULL);
    report_uint_at(map, TSD_EXPLAIN_TRIED, explaining->tried);
    report_bool_at(map, TSD_EXPLAIN_STOPPED, explaining->stopped);
    struct report verdicts = report_array_at(map, TSD_EXPLAIN_VERDICTS);
    if (explaining->matching)
        tell_tuple(explaining, effect, &verdicts, explaining->matching, &bytes);
    for (uint32_t i = 0; i < explaining->count; i++)
        tell_tuple(explaining, effect, &verdicts, explaining->nearest[i].tuple, &bytes);
    report_end(&verdicts);
}

static void tell_given(struct explaining *explaining, struct report *map, const uint8_t *tuple)
{
    const bool matches = match_tuple(&explaining->match, pattern_of(explaining), tuple);
    report_bool_at(map, TSD_EXPLAIN_MATCHES, matches);
    struct report verdicts = report_array_at(map, TSD_EXPLAIN_VERDICTS);
    tell_verdicts(explaining, &verdicts, tuple);
    report_end(&verdicts);
}

static void explain(struct explaining *explaining, const struct request *request,
                    struct effect *effect)
{
    struct buffer *text = &explaining->engine->effects->text;
    const bool given = request->has & TSD_HAS(TUPLE);
    if (!given && explaining->query->parts->space) {
        look_as_rd(explaining);
        if (!explaining->matching)
            look_further(explaining);
    }
    effect->text = (uint32_t)text->size;
    struct report map = report_map(text);
    if (given)
        tell_given(explaining, &map, request->tuples.bytes);
    else
        tell_stored(explaining, effect, &map);
    tell_ways(explaining, &map);
    report_end(&map);
    effect->text_size = (uint32_t)(text->size - effect->text);
}

void op_explain(struct engine *engine, const struct asker *asker, const struct command *command)
{
    const struct request *request = command->request;
    struct query query;
    if (query_begin(engine, asker, request, &query) < 0)
        return;
    struct explaining explaining = {.engine = engine, .query = &query, .most = NEAREST};
    explaining.match.expressions = query.parts->expressions;
    if (request->has & TSD_HAS(MAX))
        explaining.most = request->max < NEAREST_MOST ? request->max : NEAREST_MOST;
    explain(&explaining, request, answer(engine, asker, asker->since, TS_OK));
    if (overrun(&explaining)) {
        answer_withdraw(engine);
        answer_overrun(engine, asker, asker->since);
    }
    query_end(engine, &query);
}
