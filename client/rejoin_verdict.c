/* SPDX-License-Identifier: MIT */
#include "client/rejoin_verdict.h"

#include <stdlib.h>

struct request *verdict_request(struct connection *connection, const struct pending *pending,
                                struct problem *problem)
{
    struct request *request = malloc(sizeof(*request));
    struct problem ignored;
    struct frame frame;
    size_t want;

    if (!problem)
        problem = &ignored;
    problem_set(problem, TS_UNKNOWN, 0,
                "the connection was lost: whether the request was done is not known");
    if (!connection->room)
        connection->room = calloc(1, sizeof(*connection->room));
    if (request && connection->room && pending->frame &&
        frame_next(pending->frame, pending->frame_size, pending->frame_size, &frame, &want,
                   problem) > 0 &&
        request_decode(&frame, connection->room, request, problem) == 0)
        return request;
    free(request);
    return NULL;
}

/*
 * Requests that change nothing, or take what goes back when the connection ends (rule S10): sent
 * twice they have done nothing twice, and lost nothing.
 */
static bool may_be_repeated(const struct request *request)
{
    switch (request->op) {
    case TSD_OP_IN:
    case TSD_OP_RD:
    case TSD_OP_HOLD:
    case TSD_OP_DRAINED:
    case TSD_OP_COUNT:
    case TSD_OP_SCAN:
    case TSD_OP_SPACES:
    case TSD_OP_STATS:
    case TSD_OP_EXPLAIN:
    case TSD_OP_CLIENTS:
    case TSD_OP_USERS:
    case TSD_OP_PING:
        return true;
    case TSD_OP_ATOMIC:
        return request->body_count == 0;
    default:
        return false;
    }
}

bool verdict_may_time_out(const struct request *request)
{
    return may_be_repeated(request) && request->has & TSD_HAS(TIMEOUT) && request->timeout_us > 0 &&
           request->timeout_us < INT64_MAX / 2000;
}

/* A hold that survives its connection has a secret (rule S7). */
static bool is_bound(const struct token *token)
{
    return token->delivery || token->secret == 0;
}

static bool has_bound_tokens(const struct request *request)
{
    const uint8_t *at = request->tokens.bytes;

    for (uint32_t i = 0; i < request->token_count; i++) {
        const struct token token = token_next(&at);
        if (is_bound(&token))
            return true;
    }
    at = request->body.bytes;
    for (uint32_t i = 0; i < request->body_count; i++) {
        const struct step step = step_next(&at, &request->space);
        if (step.kind == TSD_STEP_FINISH && is_bound(&step.token))
            return true;
    }
    return false;
}

/* The daemon still knows the key, and will for a while (rule S28). */
static bool is_keyed(const struct pending *pending, const struct request *request, bool same,
                     int64_t now_ns)
{
    const int64_t gone_ns = now_ns - pending->began_ns;

    return request->has & TSD_HAS(KEY) && same && (uint64_t)gone_ns / 1000 < request->window_us / 2;
}

static struct verdict unknown(void)
{
    return (struct verdict){TS_UNKNOWN,
                            "the connection was lost: whether the request was done is not known"};
}

static struct verdict of_watch(const struct pending *pending, const struct request *request)
{
    if (pending->cut)
        return (struct verdict){TS_LIMIT, "it had ended with a gap"};
    if (!pending->sent || request->now)
        return (struct verdict){TS_OK, NULL};
    return (struct verdict){TS_LOST, "the connection was lost: what happened meanwhile was not "
                                     "seen; start the watch again, with `now`"};
}

/* It was not sent as a whole, so the daemon has not done it. */
static struct verdict of_unsent(const struct pending *pending, const struct request *request)
{
    if (pending->acks && (pending->waits || !may_be_repeated(request)))
        return (struct verdict){TS_LOST, "the connection was lost, and what was in hand went back "
                                         "to its place: this was not done"};
    if (has_bound_tokens(request))
        return (struct verdict){TS_LATE,
                                "the tuple went back when the connection that it came by was lost"};
    return (struct verdict){TS_OK, NULL};
}

struct verdict verdict_of(const struct connection *connection, const struct pending *pending,
                          const struct request *request, bool same, int64_t now_ns)
{
    if (request->op == TSD_OP_WATCH)
        return of_watch(pending, request);
    if (request->op == TSD_OP_CANCEL)
        return pending_find(&connection->pending, request->target)
                   ? (struct verdict){TS_OK, NULL}
                   : (struct verdict){TS_NOMATCH, NULL};
    if (request->has & TSD_HAS(ID) && !same)
        return (struct verdict){TS_NOMATCH, NULL}; /* rule S3: no tuple has it any more */
    if (request->has & TSD_HAS(CURSOR) && !same)
        return unknown(); /* its place is among ids that are void */
    if (!pending->sent)
        return of_unsent(pending, request);
    if (may_be_repeated(request))
        return (struct verdict){TS_OK, NULL};
    if (!pending->acks && is_keyed(pending, request, same, now_ns))
        return (struct verdict){TS_OK, NULL};
    return unknown();
}

static bool takes(const struct request *request)
{
    if (request->op == TSD_OP_IN)
        return true;
    if (request->op == TSD_OP_HOLD)
        return !request->detached;
    if (request->op != TSD_OP_ATOMIC || request->body_count > 0)
        return false;
    for (uint32_t i = 0; i < request->alternative_count; i++)
        if (request->guards[i].kind == TSD_GUARD_IN || request->guards[i].kind == TSD_GUARD_HOLD)
            return true;
    return false;
}

bool verdict_went_back(struct connection *connection, const struct pending *pending)
{
    const struct frame frame = {pending->body, pending->size};
    struct problem problem;
    struct request *request;
    struct reply reply;
    bool went;

    if (!pending->body || pending->events || reply_decode(&frame, &reply, &problem) != 0 ||
        reply.status != TS_OK)
        return false;
    request = verdict_request(connection, pending, NULL);
    went = request && takes(request);
    free(request);
    return went;
}
