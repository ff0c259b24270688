/* SPDX-License-Identifier: MIT */
#include "client/result.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/limits.h"
#include "protocol/names.h"
#include "protocol/reader.h"
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

void asked_init(struct asked *asked, const ts_request *request, uint32_t connection)
{
    *asked = (struct asked){
        .op = request->operation, .states = request->states, .connection = connection};
    if (request->operation != TSD_OP_ATOMIC)
        return;
    for (size_t i = 0; i < request->guard_count && i < LIMIT_GUARDS; i++) {
        if (request->guards[i].kind != TSD_GUARD_ABSENT)
            asked->shows |= (uint16_t)(1u << i);
        if (request->guards[i].kind == TSD_GUARD_IN)
            asked->takes |= (uint16_t)(1u << i);
    }
}

/* The guard that an item came by, the n-th of those that give one. */
static uint32_t guard_of(const struct asked *asked, size_t n)
{
    uint32_t guards = asked->shows;

    while (n-- > 0)
        guards &= guards - 1;
    return guards ? (uint32_t)__builtin_ctz(guards) : 0;
}

static uint32_t alternative_of(const struct asked *asked, const struct item *item, size_t n,
                               const struct reply_extras *extras)
{
    if (item->has & ITEM_HAS(OF))
        return item->of;
    return asked->op == TSD_OP_ATOMIC ? guard_of(asked, n) : extras->alternative;
}

/* What an in took is named by its delivery, as long as that is not acknowledged (rule S7). */
static ts_token token_of(const struct asked *asked, const struct item *item, uint32_t alternative,
                         const struct reply_extras *extras)
{
    const bool in = asked->op == TSD_OP_IN || (asked->op == TSD_OP_ATOMIC && alternative < 16 &&
                                               asked->takes & 1u << alternative);

    if (item->has & ITEM_HAS(TOKEN))
        return (ts_token){item->token.number, item->token.secret, false, asked->connection};
    if (in && extras->delivery)
        return (ts_token){extras->delivery, item->id, true, asked->connection};
    return (ts_token){0};
}

ts_tuple result_tuple(const struct item *item)
{
    return (ts_tuple){
        .bytes = item->tuple.bytes,
        .size = item->tuple.size,
        .fields = item->tuple.size ? tuple_at(item->tuple.bytes).fields : 0,
        .id = item->id,
        .returns = item->returns,
        .priority = item->priority,
        .reason = item->has & ITEM_HAS(REASON) ? item->reason : 0,
        .exit_status = item->has & ITEM_HAS(EXIT_STATUS) ? (int)item->exit_status : -1,
        .uid = item->has & ITEM_HAS(UID) ? item->uid : 0,
        .pid = item->has & ITEM_HAS(PID) ? item->pid : 0,
        .program = "",
        .age = item->has & ITEM_HAS(AGE) ? (double)item->age_us / 1e6 : 0,
        .state = item->has & ITEM_HAS(STATE) ? item->state : 0,
        .holder = item->has & ITEM_HAS(HOLDER) ? item->holder : 0,
        .left = item->has & ITEM_HAS(LEFT) ? (double)item->left_us / 1e6 : 0,
        .holder_pid = item->has & ITEM_HAS(HOLDER_PID) ? item->holder_pid : 0,
        .holder_program = "",
    };
}

/* Sets a text of the tuple where the item has one; false without memory. */
static bool keep_text(struct result *result, const char **text, bool has, const struct span *from)
{
    if (has)
        *text = arena_text(&result->texts, from->bytes, from->size);
    return *text != NULL;
}

/* The next tuple of the result, with what is the result's own; false without memory. */
static bool add_tuple(struct result *result, const struct asked *asked, const struct item *item,
                      const struct reply_extras *extras)
{
    ts_tuple *tuples =
        array_room(result->tuples, result->tuple_count, &result->tuple_capacity, sizeof(*tuples));
    ts_tuple *tuple;

    if (!tuples)
        return false;
    result->tuples = tuples;
    tuple = &tuples[result->tuple_count];
    *tuple = result_tuple(item);
    tuple->alternative = alternative_of(asked, item, result->tuple_count, extras);
    tuple->token = token_of(asked, item, tuple->alternative, extras);
    if (asked->states && !tuple->state)
        tuple->state = TSD_STATE_STORED;
    result->tuple_count++;
    return keep_text(result, &tuple->program, item->has & ITEM_HAS(PROGRAM), &item->program) &&
           keep_text(result, &tuple->holder_program, item->has & ITEM_HAS(HOLDER_PROGRAM),
                     &item->holder_program);
}

static int read_tuples(struct result *result, const struct asked *asked, const struct reply *reply,
                       struct problem *problem)
{
    const uint8_t *p = NULL;
    struct item item;
    int more;

    while ((more = reply_next_item(reply, &p, &item)) > 0)
        if (!add_tuple(result, asked, &item, &reply->extras))
            return no_memory(problem);
    if (more < 0)
        return not_the_result(asked->op, problem);
    result->shown.count = result->tuple_count;
    if (result->tuple_count > 0)
        result->shown.id = result->tuples[0].id;
    return 0;
}

static bool add_row(struct result *result, const struct space_row *row)
{
    ts_space_row *rows =
        array_room(result->rows, result->row_count, &result->row_capacity, sizeof(*rows));
    const char *name, *dead_letter;

    if (!rows)
        return false;
    result->rows = rows;
    name = arena_text(&result->texts, row->name.bytes, row->name.size);
    dead_letter = arena_text(&result->texts, row->dead_letter.bytes, row->dead_letter.size);
    rows[result->row_count++] = (ts_space_row){
        .name = name,
        .tuples = row->tuples,
        .bytes = row->bytes,
        .waiting = row->waiting,
        .kept = row->kept,
        .delayed = row->delayed,
        .watches = row->watches,
        .capacity = row->capacity,
        .max_returns = row->max_returns,
        .dead_letter = dead_letter,
        .owner = (uint32_t)row->owner,
        .group = (uint32_t)row->group,
        .mode = (uint32_t)row->mode,
    };
    return name && dead_letter;
}

static int read_rows(struct result *result, enum tsd_operation op, const struct reply *reply,
                     struct problem *problem)
{
    const uint8_t *p = NULL;
    struct space_row row;
    int more;

    while ((more = reply_next_space_row(reply, &p, &row)) > 0) {
        if (!add_row(result, &row))
            return no_memory(problem);
    }
    if (more < 0)
        return not_the_result(op, problem);
    result->shown.count = result->row_count;
    return 0;
}

static int read_uint(uint64_t *to, enum tsd_operation op, const struct reply *reply,
                     struct problem *problem)
{
    return reply_result_uint(reply, to) ? not_the_result(op, problem) : 0;
}

static int read_report(struct result *result, enum tsd_operation op, const struct reply *reply,
                       struct problem *problem)
{
    struct reader in = reader_of_span(&reply->result);
    uint32_t count;

    if (!reader_array(&in, &count))
        return not_the_result(op, problem);
    result->shown.count = count;
    result->shown.report = (ts_bytes){reply->result.bytes, reply->result.size};
    return 0;
}

static int read_explained(struct result *result, const struct asked *asked,
                          const struct reply *reply, struct problem *problem)
{
    struct reply items = *reply;
    struct span map;

    if (reply_split_explained(&items, &map) < 0)
        return not_the_result(TSD_OP_EXPLAIN, problem);
    result->shown.report = (ts_bytes){map.bytes, map.size};
    return read_tuples(result, asked, &items, problem);
}

static int read_ok(struct result *result, const struct asked *asked, const struct reply *reply,
                   struct problem *problem)
{
    switch (asked->op) {
    case TSD_OP_OUT:
    case TSD_OP_FINISH:
        return read_uint(&result->shown.id, asked->op, reply, problem);
    case TSD_OP_COUNT:
    case TSD_OP_COLLECT:
    case TSD_OP_COPY:
    case TSD_OP_KILL:
        return read_uint(&result->shown.total, asked->op, reply, problem);
    case TSD_OP_IN:
    case TSD_OP_RD:
    case TSD_OP_HOLD:
    case TSD_OP_SCAN:
    case TSD_OP_ATOMIC:
        return read_tuples(result, asked, reply, problem);
    case TSD_OP_SPACES:
        return read_rows(result, asked->op, reply, problem);
    case TSD_OP_STATS:
    case TSD_OP_CLIENTS:
    case TSD_OP_USERS:
        return read_report(result, asked->op, reply, problem);
    case TSD_OP_EXPLAIN:
        return read_explained(result, asked, reply, problem);
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
    result->shown.repeated = extras->repeated;
    result->shown.first = extras->first;
    if (op != TSD_OP_SCAN && op != TSD_OP_COPY)
        return;
    result->shown.next.started = true;
    result->shown.next.ended = !(extras->has & REPLY_HAS(NEXT));
    result->shown.next.priority = extras->next.priority;
    result->shown.next.id = extras->next.id;
}

/* What NOMATCH means where nothing was to match, or more than one pattern (NULL: it is as it says). */
static const char *no_match(enum tsd_operation op)
{
    switch (op) {
    case TSD_OP_ATOMIC:
        return "its guards do not hold"; /* it may be that one matches */
    case TSD_OP_SPACE:
    case TSD_OP_REMOVE:
        return "there is no such space";
    case TSD_OP_KILL:
        return "there is no such client";
    default:
        return NULL;
    }
}

/* The daemon's own words where it has said something. */
static void read_text(struct result *result, enum tsd_operation op, const struct reply *reply)
{
    struct span text;

    if (reply_result_text(reply, &text) == 0 && text.size > 0)
        result_say(result, text.bytes, text.size);
    else if (reply->status == TS_NOMATCH && no_match(op))
        result->shown.text = no_match(op);
}

int result_read(struct result *result, const struct asked *asked, const struct reply *reply,
                struct problem *problem)
{
    int error = 0;

    if (result->adds && reply->status == TS_OK)
        result_begin(result, reply->number, reply->status);
    else
        result_clear(result, reply->number, reply->status);
    if (reply->status == TS_OK)
        error = read_ok(result, asked, reply, problem);
    else
        read_text(result, asked->op, reply);
    if (error)
        result_set(result, reply->number, problem->status, problem->text);
    else
        read_extras(result, asked->op, &reply->extras);
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
