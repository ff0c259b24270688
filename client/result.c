/* SPDX-License-Identifier: MIT */
#include "client/result.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/names.h"
#include "protocol/tuple.h"

void result_deinit(struct result *result)
{
    free(result->tuples);
    free(result->rows);
    arena_deinit(&result->texts);
    *result = (struct result){0};
}

static void result_begin(struct result *result, uint64_t number, ts_status status)
{
    result->shown = (ts_result){.status = status, .request = number, .text = status_text(status)};
}

static void result_clear(struct result *result, uint64_t number, ts_status status)
{
    result->tuple_count = 0;
    result->row_count = 0;
    arena_clear(&result->texts);
    result_begin(result, number, status);
}

/* Where there is no memory for the text, the status' own one stays. */
static void result_say(struct result *result, const void *text, size_t size)
{
    const char *copy = arena_text(&result->texts, text, size);

    if (copy)
        result->shown.text = copy;
}

void result_set(struct result *result, uint64_t number, ts_status status, const char *text)
{
    result_clear(result, number, status);
    result_say(result, text, strlen(text));
}

/* The array, moved perhaps, with room for one more element; NULL without memory. */
static void *array_room(void *array, size_t count, size_t *capacity, size_t size)
{
    size_t larger = *capacity ? *capacity * 2 : 4;

    if (count < *capacity)
        return array;
    array = realloc(array, larger * size);
    if (array)
        *capacity = larger;
    return array;
}

static int no_memory(struct problem *problem)
{
    return problem_set(problem, TS_NO_MEMORY, 0, "out of memory");
}

static int not_the_result(enum tsd_operation op, struct problem *problem)
{
    return problem_set(problem, TS_PROTOCOL, 0,
                       "the daemon's answer to %s is not what it should be", operation_name(op));
}

static int read_tuples(struct result *result, enum tsd_operation op, const struct reply *reply,
                       struct problem *problem)
{
    const uint8_t *p = NULL;
    struct item item;
    int more;

    while ((more = reply_next_item(reply, &p, &item)) > 0) {
        ts_tuple *tuples = array_room(result->tuples, result->tuple_count, &result->tuple_capacity,
                                      sizeof(*tuples));
        if (!tuples)
            return no_memory(problem);
        result->tuples = tuples;
        tuples[result->tuple_count++] = (ts_tuple){
            .bytes = item.tuple.bytes,
            .size = item.tuple.size,
            .fields = tuple_at(item.tuple.bytes).fields,
            .id = item.id,
            .returns = item.returns,
            .alternative = item.has & ITEM_HAS(OF) ? item.of : reply->extras.alternative,
            .priority = item.priority,
        };
    }
    if (more < 0)
        return not_the_result(op, problem);
    result->shown.count = result->tuple_count;
    if (result->tuple_count > 0)
        result->shown.id = result->tuples[0].id;
    return 0;
}

static int read_rows(struct result *result, enum tsd_operation op, const struct reply *reply,
                     struct problem *problem)
{
    const uint8_t *p = NULL;
    struct space_row row;
    int more;

    while ((more = reply_next_space_row(reply, &p, &row)) > 0) {
        const char *name = arena_text(&result->texts, row.name.bytes, row.name.size);
        ts_space_row *rows =
            name ? array_room(result->rows, result->row_count, &result->row_capacity, sizeof(*rows))
                 : NULL;
        if (!rows)
            return no_memory(problem);
        result->rows = rows;
        rows[result->row_count++] =
            (ts_space_row){name, row.tuples, row.bytes, row.waiting, row.kept};
    }
    if (more < 0)
        return not_the_result(op, problem);
    result->shown.count = result->row_count;
    return 0;
}

static int read_ok(struct result *result, enum tsd_operation op, const struct reply *reply,
                   struct problem *problem)
{
    switch (op) {
    case TSD_OP_OUT:
        return reply_result_uint(reply, &result->shown.id) ? not_the_result(op, problem) : 0;
    case TSD_OP_COUNT:
        return reply_result_uint(reply, &result->shown.total) ? not_the_result(op, problem) : 0;
    case TSD_OP_IN:
    case TSD_OP_RD:
    case TSD_OP_SCAN:
        return read_tuples(result, op, reply, problem);
    case TSD_OP_SPACES:
        return read_rows(result, op, reply, problem);
    default:
        return 0;
    }
}

static void read_extras(struct result *result, enum tsd_operation op,
                        const struct reply_extras *extras)
{
    result->shown.more = extras->more;
    result->shown.alternative = extras->alternative;
    result->shown.since = extras->since;
    result->shown.at = extras->at;
    if (op != TSD_OP_SCAN)
        return;
    result->shown.next.started = true;
    result->shown.next.ended = !(extras->has & REPLY_HAS(NEXT));
    result->shown.next.priority = extras->next.priority;
    result->shown.next.id = extras->next.id;
}

/* The daemon's own words where it has said something. */
static void read_text(struct result *result, const struct reply *reply)
{
    struct span text;

    if (reply_result_text(reply, &text) == 0 && text.size > 0)
        result_say(result, text.bytes, text.size);
}

int result_read(struct result *result, enum tsd_operation op, const struct reply *reply,
                struct problem *problem)
{
    int error = 0;

    if (result->adds && reply->status == TS_OK)
        result_begin(result, reply->number, reply->status);
    else
        result_clear(result, reply->number, reply->status);
    if (reply->status == TS_OK)
        error = read_ok(result, op, reply, problem);
    else
        read_text(result, reply);
    if (error)
        result_set(result, reply->number, problem->status, problem->text);
    else
        read_extras(result, op, &reply->extras);
    return error;
}

const ts_tuple *ts_tuple_at(const ts_result *result, size_t i)
{
    const struct result *whole = (const struct result *)result;

    return whole && i < whole->tuple_count ? &whole->tuples[i] : NULL;
}

const ts_space_row *ts_space_at(const ts_result *result, size_t i)
{
    const struct result *whole = (const struct result *)result;

    return whole && i < whole->row_count ? &whole->rows[i] : NULL;
}
