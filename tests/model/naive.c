/* SPDX-License-Identifier: MIT */
/* Values and matching; the lists; a step's frame: what is due, the command, what follows. */
#include "naive_state.h"

#include <stdlib.h>
#include <string.h>

struct naive *naive_new(uint64_t reply_bytes)
{
    struct naive *naive = calloc(1, sizeof *naive);
    naive->reply_bytes = reply_bytes;
    for (int i = 0; i < NAIVE_SPACES; i++)
        naive->spaces[i] = (struct space){.max_returns = UINT32_MAX, .dead_letter = -1};
    return naive;
}

void naive_set_rules(struct naive *naive, const struct naive_rule rules[NAIVE_SPACES],
                     const struct naive_quotas *quotas)
{
    naive->quotas = *quotas;
    naive->has_rules = true;
    memcpy(naive->rules, rules, sizeof naive->rules);
}

static void free_wills(struct session *session)
{
    for (int i = 0; i < session->will_count; i++)
        free(session->wills[i]);
    session->will_count = 0;
}

void naive_free(struct naive *naive)
{
    for (int i = 0; i < naive->tuple_count; i++)
        free(naive->tuples[i]);
    for (int i = 0; i < naive->wait_count; i++)
        free(naive->waits[i]);
    for (int i = 0; i < naive->session_count; i++)
        free_wills(&naive->sessions[i]);
    free(naive->tuples);
    free(naive->waits);
    free(naive->keys);
    free(naive->unread);
    free(naive);
}

/* --- Values (rules V3, V5) and patterns --- */

static bool is_number(const struct naive_value *value)
{
    return value->kind == NAIVE_INT || value->kind == NAIVE_FLOAT;
}

static bool equal(const struct naive_value *a, const struct naive_value *b)
{
    if (is_number(a) && is_number(b))
        return a->number == b->number;
    return a->kind == b->kind && a->number == b->number;
}

static bool at_least(const struct naive_value *value, const struct naive_value *low)
{
    if (is_number(value) && is_number(low))
        return value->number >= low->number;
    return value->kind == NAIVE_STR && low->kind == NAIVE_STR && value->number >= low->number;
}

static bool matcher_matches(const struct naive_matcher *matcher, const struct naive_value *value)
{
    switch (matcher->op) {
    case TSD_M_ANY:
        return true;
    case TSD_M_EQ:
        return equal(value, &matcher->value);
    case TSD_M_NE:
        return !equal(value, &matcher->value);
    case TSD_M_INT:
        return value->kind == NAIVE_INT;
    case TSD_M_STR:
        return value->kind == NAIVE_STR;
    case TSD_M_NUM:
        return is_number(value);
    case TSD_M_GE:
        return at_least(value, &matcher->value);
    case TSD_M_RANGE:
        return at_least(value, &matcher->value) && at_least(&matcher->high, value);
    default:
        abort();
    }
}

bool naive_pattern_matches(const struct naive_pattern *pattern, const struct naive_tuple *tuple)
{
    if (pattern->rest ? tuple->fields < pattern->fields : tuple->fields != pattern->fields)
        return false;
    for (int i = 0; i < pattern->fields; i++)
        if (!matcher_matches(&pattern->matchers[i], &tuple->values[i]))
            return false;
    return true;
}

bool naive_part_matches(const struct naive_part *part, const struct tuple *tuple)
{
    return part->space == tuple->space && naive_pattern_matches(&part->pattern, &tuple->is);
}

/* --- The lists --- */

void naive_list_put(struct naive *naive, struct tuple *tuple)
{
    int at = naive->tuple_count;
    if (naive->tuple_count == naive->tuple_room) {
        naive->tuple_room = naive->tuple_room * 2 + 64;
        naive->tuples = realloc(naive->tuples, (size_t)naive->tuple_room * sizeof(void *));
    }
    for (; at > 0; at--) {
        const struct tuple *before = naive->tuples[at - 1];
        if (before->priority > tuple->priority ||
            (before->priority == tuple->priority && before->id < tuple->id))
            break;
        naive->tuples[at] = naive->tuples[at - 1];
    }
    naive->tuples[at] = tuple;
    naive->tuple_count++;
}

void naive_list_take(struct naive *naive, struct tuple *tuple)
{
    int at = 0;
    while (naive->tuples[at] != tuple)
        at++;
    naive->tuple_count--;
    memmove(&naive->tuples[at], &naive->tuples[at + 1],
            (size_t)(naive->tuple_count - at) * sizeof(void *));
}

void naive_wait_add(struct naive *naive, struct wait *wait)
{
    if (naive->wait_count == naive->wait_room) {
        naive->wait_room = naive->wait_room * 2 + 16;
        naive->waits = realloc(naive->waits, (size_t)naive->wait_room * sizeof(void *));
    }
    naive_make_named(naive, wait);
    naive->waits[naive->wait_count++] = wait;
}

void naive_wait_end(struct naive *naive, struct wait *wait)
{
    int at = 0;
    while (naive->waits[at] != wait)
        at++;
    naive->wait_count--;
    memmove(&naive->waits[at], &naive->waits[at + 1],
            (size_t)(naive->wait_count - at) * sizeof(void *));
    free(wait);
}

struct session *naive_session_find(const struct naive *naive, uint64_t number)
{
    for (int i = 0; i < naive->session_count; i++)
        if (naive->sessions[i].number == number)
            return (struct session *)&naive->sessions[i];
    return NULL;
}

/* --- Steps --- */

static void forget_unread(struct naive *naive, uint64_t session, uint64_t ack)
{
    for (int i = naive->unread_count - 1; i >= 0; i--)
        if (naive->unread[i].session == session && naive->unread[i].delivery <= ack)
            naive->unread[i] = naive->unread[--naive->unread_count];
}

/* rule S8 */
static void acknowledge(struct naive *naive, uint64_t session, uint64_t ack)
{
    for (int i = naive->tuple_count - 1; i >= 0; i--) {
        struct tuple *tuple = naive->tuples[i];
        if (tuple->state == TSD_STATE_DELIVERED && tuple->session == session &&
            tuple->delivery <= ack)
            naive_tuple_gone(naive, tuple);
    }
    forget_unread(naive, session, ack);
}

void naive_comes(struct naive *naive, uint64_t now, uint64_t session, const struct naive_user *user,
                 uint32_t pid, const char *program, struct buffer *trace)
{
    naive_step_begin(naive, now, trace);
    naive->sessions[naive->session_count++] =
        (struct session){.number = session, .user = *user, .pid = pid, .program = program};
    naive_look_at_drained(naive);
}

void naive_ack(struct naive *naive, uint64_t now, uint64_t session, uint64_t ack,
               struct buffer *trace)
{
    naive_step_begin(naive, now, trace);
    acknowledge(naive, session, ack);
    naive_settle(naive);
    naive_look_at_drained(naive);
}

void naive_tick(struct naive *naive, uint64_t now, struct buffer *trace)
{
    naive_step_begin(naive, now, trace);
    naive_look_at_drained(naive);
}

/* rule S19 */
void naive_gap(struct naive *naive, uint64_t now, uint64_t session, struct buffer *trace)
{
    naive_step_begin(naive, now, trace);
    for (int i = 0; i < naive->wait_count;) {
        struct wait *wait = naive->waits[i];
        if (wait->session != session || wait->request.op != TSD_OP_WATCH) {
            i++;
            continue;
        }
        naive_unit_begin(naive);
        naive_say_event(naive, wait, TSD_EVENT_GAP, NULL);
        naive_say_end(naive, wait, TS_LIMIT);
        naive_wait_end(naive, wait);
    }
    naive_look_at_drained(naive);
}

/* rule S10: the waiting requests, the bound tuples, what was kept, the wills, in this order */
void naive_ends(struct naive *naive, uint64_t now, uint64_t number, uint64_t ack,
                enum naive_end end, struct buffer *trace)
{
    naive_step_begin(naive, now, trace);
    acknowledge(naive, number, ack);
    forget_unread(naive, number, NEVER);
    struct session *session = naive_session_find(naive, number);
    naive_unit_begin(naive);
    for (int i = naive->wait_count - 1; i >= 0; i--)
        if (naive->waits[i]->session == number)
            naive_wait_end(naive, naive->waits[i]);
    naive_session_lets_go(naive, session, end);
    if (end == NAIVE_DIES)
        naive_session_puts_wills(naive, session);
    free_wills(session);
    *session = naive->sessions[--naive->session_count];
    naive_settle(naive);
    naive_look_at_drained(naive);
}

static struct wait *arrives(struct naive *naive, uint64_t session,
                            const struct naive_request *request)
{
    struct wait *wait = malloc(sizeof *wait);
    acknowledge(naive, session, request->ack);
    *wait = (struct wait){.session = session,
                          .since = naive_unit_begin(naive),
                          .deadline = NEVER,
                          .request = *request};
    if (request->has_timeout)
        wait->deadline = naive->now + request->timeout_us * 1000;
    return wait;
}

void naive_request(struct naive *naive, uint64_t now, uint64_t session,
                   const struct naive_request *request, struct buffer *trace)
{
    naive_step_begin(naive, now, trace);
    struct wait *wait = arrives(naive, session, request);
    if (naive_lacks_memory(naive, wait, wait->since)) {
        naive_say_end(naive, wait, TS_NO_MEMORY);
        free(wait);
    } else {
        naive_take_up(naive, wait);
    }
    naive_settle(naive);
    naive_look_at_drained(naive);
}

void naive_no_memory(struct naive *naive, uint64_t session, uint64_t number, uint64_t at,
                     size_t told)
{
    naive->no_memory_session = session;
    naive->no_memory_number = number;
    naive->no_memory_at = at;
    naive->no_memory_told = told;
}

bool naive_lacks_memory(const struct naive *naive, const struct wait *wait, uint64_t at)
{
    return naive->no_memory_session == wait->session &&
           naive->no_memory_number == wait->request.number && naive->no_memory_at == at &&
           naive->no_memory_told == naive->trace->size;
}
