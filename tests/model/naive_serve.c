/* SPDX-License-Identifier: MIT */
/* Requests that may wait: tried when they are taken up and after each unit (rules S2, S30). */
#include <stdlib.h>

#include "naive_state.h"

/* What a request would do now. */
struct attempt {
    enum { NO_MATCH, NO_ROOM, CAN } can;
    enum ts_status status; /* CAN: of its answer */
    bool lines_up;         /* it needs room: served, or it holds back others in these spaces */
    int need[NAIVE_SPACES];
    struct got got;
    struct tuple *guards[NAIVE_PARTS];
    struct naive_tuple puts[NAIVE_STEPS];
};

static void look_at_room(const struct naive *naive, const struct wait *wait,
                         const bool blocked[NAIVE_SPACES], struct attempt *attempt)
{
    const bool atomic = wait->request.op == TSD_OP_ATOMIC;
    naive_room_needed(naive, wait, atomic ? attempt->guards : NULL, attempt->need);
    attempt->lines_up = true;
    attempt->can = naive_room_fits(naive, attempt->need, blocked) ? CAN : NO_ROOM;
}

/* Its guards hold. Whether its tuples can be made is seen on entering the line, and at last. */
static void attempt_atomic(const struct naive *naive, const struct wait *wait,
                           const bool blocked[NAIVE_SPACES], struct attempt *attempt)
{
    const enum ts_status status = naive_atomic_check(naive, wait, attempt->guards, attempt->puts);
    attempt->can = CAN;
    if (status == TS_OK || wait->in_line)
        look_at_room(naive, wait, blocked, attempt);
    attempt->status = attempt->can == CAN ? status : TS_OK;
}

/* Sees whether it can be served, and changes nothing. */
static void attempt_request(const struct naive *naive, const struct wait *wait,
                            const bool blocked[NAIVE_SPACES], struct attempt *attempt)
{
    attempt->can = NO_MATCH;
    attempt->status = TS_OK;
    attempt->lines_up = false;
    memset(attempt->need, 0, sizeof attempt->need);
    switch (wait->request.op) {
    case TSD_OP_IN:
    case TSD_OP_RD:
    case TSD_OP_HOLD:
        attempt->can = naive_gather(naive, &wait->request, &attempt->got) ? CAN : NO_MATCH;
        break;
    case TSD_OP_OUT:
    case TSD_OP_FINISH:
        look_at_room(naive, wait, blocked, attempt);
        break;
    case TSD_OP_ATOMIC:
        if (naive_guards_hold(naive, wait, attempt->guards))
            attempt_atomic(naive, wait, blocked, attempt);
        break;
    default:
        break; /* watch, drained: not served here */
    }
}

/* out, and finish, which consumes first */
static void do_put(struct naive *naive, const struct wait *wait)
{
    const struct naive_request *request = &wait->request;
    const struct session *session = naive_session_find(naive, wait->session);
    uint64_t first = 0;
    for (int i = 0; i < request->token_count; i++)
        naive_tuple_gone(naive, naive_token_find(naive, wait->session, &request->tokens[i]));
    for (int i = 0; i < request->tuple_count; i++) {
        const uint64_t id =
            naive_tuple_put(naive, session, request->space, &request->tuples[i], &request->putting);
        first = first ? first : id;
    }
    naive_key_remember(naive, wait, first);
    naive_say(naive, wait, TS_OK);
    trace_word(naive->trace, " value ", first);
    trace_text(naive->trace, "\n");
}

static void carry_out(struct naive *naive, const struct wait *wait, const struct attempt *attempt)
{
    if (attempt->status == TS_OK)
        naive_make_targets(naive, wait);
    if (attempt->status != TS_OK)
        naive_say_end(naive, wait, attempt->status);
    else if (wait->request.op == TSD_OP_ATOMIC)
        naive_atomic_do(naive, wait, attempt->guards, attempt->puts);
    else if (wait->request.op == TSD_OP_OUT || wait->request.op == TSD_OP_FINISH)
        do_put(naive, wait);
    else
        naive_give(naive, wait, &attempt->got);
}

/* --- Taking up --- */

/*
 * rule S30: whoever stands in a line already goes first, also where there would be room by now.
 * Whether an atomic does was seen when the waiting were looked at: not again before this unit is
 * done (S2).
 */
static void blocked_by_waiting(const struct naive *naive, bool blocked[NAIVE_SPACES])
{
    for (int i = 0; i < naive->wait_count; i++)
        if (naive->waits[i]->in_line)
            naive_room_block(naive, naive->waits[i]->need, blocked);
}

static void note_line(struct wait *wait, const struct attempt *attempt)
{
    wait->in_line = attempt->lines_up;
    memcpy(wait->need, attempt->need, sizeof wait->need);
}

/* In this order: a key that is known, tokens that are not held, a key too many, what can never fit. */
static bool answers_before(struct naive *naive, const struct wait *wait)
{
    int need[NAIVE_SPACES];
    const struct key *key = naive_key_find(naive, wait);
    if (key) {
        naive_say_repeated(naive, wait, key->value);
        return true;
    }
    if (!naive_wait_tokens_hold(naive, wait)) {
        naive_say_end(naive, wait, TS_LATE);
        return true;
    }
    if (!naive_quota_key(naive, wait)) {
        naive_say_end(naive, wait, TS_LIMIT);
        return true;
    }
    naive_room_needed(naive, wait, NULL, need);
    if (naive_room_never(naive, need)) {
        naive_say_end(naive, wait, TS_FULL);
        return true;
    }
    return false;
}

/* One more than its user may have waiting. */
static bool refused_to_wait(struct naive *naive, struct wait *wait)
{
    if (naive_quota_waits(naive, wait))
        return false;
    naive_say_end(naive, wait, TS_LIMIT);
    free(wait);
    return true;
}

static void take_up_waiting(struct naive *naive, struct wait *wait)
{
    struct attempt attempt;
    bool blocked[NAIVE_SPACES] = {false};
    if (naive_may_put(wait)) {
        if (answers_before(naive, wait)) {
            free(wait);
            return;
        }
        blocked_by_waiting(naive, blocked);
    }
    attempt_request(naive, wait, blocked, &attempt);
    if (attempt.can == CAN)
        carry_out(naive, wait, &attempt);
    else if (wait->request.has_timeout && wait->request.timeout_us == 0)
        naive_say_end(naive, wait, attempt.can == NO_ROOM ? TS_FULL : TS_NOMATCH);
    else {
        note_line(wait, &attempt);
        if (!refused_to_wait(naive, wait))
            naive_wait_add(naive, wait);
        return;
    }
    free(wait);
}

static bool is_drained(const struct naive *naive, const struct wait *wait)
{
    for (int i = 0; i < naive->tuple_count; i++)
        if (naive_first_part(&wait->request, naive->tuples[i]) >= 0)
            return false;
    return true;
}

static void take_up_drained(struct naive *naive, struct wait *wait)
{
    if (is_drained(naive, wait))
        naive_say_end(naive, wait, TS_OK);
    else if (wait->request.has_timeout && wait->request.timeout_us == 0)
        naive_say_end(naive, wait, TS_NOMATCH);
    else {
        if (!refused_to_wait(naive, wait))
            naive_wait_add(naive, wait);
        return;
    }
    free(wait);
}

static void do_at_once(struct naive *naive, const struct wait *wait)
{
    switch (wait->request.op) {
    case TSD_OP_COUNT:
        naive_do_count(naive, wait);
        break;
    case TSD_OP_SCAN:
        naive_do_scan(naive, wait);
        break;
    case TSD_OP_COLLECT:
    case TSD_OP_COPY:
        naive_do_collect(naive, wait);
        break;
    case TSD_OP_RELEASE:
        naive_do_release(naive, wait);
        break;
    case TSD_OP_RENEW:
        naive_do_renew(naive, wait);
        break;
    case TSD_OP_CANCEL:
        naive_do_cancel(naive, wait);
        break;
    case TSD_OP_WILL:
        naive_do_will(naive, wait);
        break;
    case TSD_OP_SPACE:
        naive_do_space(naive, wait);
        break;
    case TSD_OP_SPACES:
        naive_do_spaces(naive, wait);
        break;
    case TSD_OP_REMOVE:
        naive_do_remove(naive, wait);
        break;
    default:
        abort();
    }
}

void naive_take_up(struct naive *naive, struct wait *wait)
{
    enum ts_status status = naive_may_ask(naive, wait);
    if (status == TS_OK && !naive_key_find(naive, wait) && !naive_quota_puts(naive, wait))
        status = TS_LIMIT;
    if (status != TS_OK) {
        naive_say_end(naive, wait, status);
        free(wait);
        return;
    }
    naive_hide(naive, wait);
    switch (wait->request.op) {
    case TSD_OP_IN:
    case TSD_OP_RD:
    case TSD_OP_HOLD:
    case TSD_OP_OUT:
    case TSD_OP_FINISH:
    case TSD_OP_ATOMIC:
        take_up_waiting(naive, wait);
        break;
    case TSD_OP_DRAINED:
        take_up_drained(naive, wait);
        break;
    case TSD_OP_WATCH:
        if (!refused_to_wait(naive, wait)) {
            naive_do_watch(naive, wait);
            naive_wait_add(naive, wait);
        }
        break;
    default:
        do_at_once(naive, wait);
        free(wait);
    }
}

/* --- What follows a unit --- */

/* rule S30: an atomic stands in the line only while its guards hold. */
static void leave_line(struct naive *naive)
{
    struct tuple *got[NAIVE_PARTS];
    for (int i = 0; i < naive->wait_count; i++) {
        struct wait *wait = naive->waits[i];
        if (wait->in_line && wait->request.op == TSD_OP_ATOMIC)
            wait->in_line = naive_guards_hold(naive, wait, got);
    }
}

/* Those that lost a hold are late (rule S14), then those whose key is known are repeated (S28). */
static void after_unit(struct naive *naive)
{
    for (int i = 0; i < naive->wait_count;) {
        struct wait *wait = naive->waits[i++];
        if (naive_may_put(wait) && !naive_wait_tokens_hold(naive, wait)) {
            naive_unit_begin(naive);
            naive_say_end(naive, wait, TS_LATE);
            naive_wait_end(naive, wait);
            i--;
        }
    }
    for (int i = 0; i < naive->wait_count;) {
        struct wait *wait = naive->waits[i++];
        const struct key *key = naive_key_find(naive, wait);
        if (key) {
            naive_unit_begin(naive);
            naive_say_repeated(naive, wait, key->value);
            naive_wait_end(naive, wait);
            i--;
        }
    }
    leave_line(naive);
}

static void serve(struct naive *naive, struct wait *wait, const struct attempt *attempt)
{
    naive_unit_begin(naive);
    carry_out(naive, wait, attempt);
    naive_wait_end(naive, wait);
}

static void serve_readers(struct naive *naive)
{
    struct attempt attempt;
    for (int i = 0; i < naive->wait_count;) {
        struct wait *wait = naive->waits[i++];
        if (wait->request.op != TSD_OP_RD)
            continue;
        attempt_request(naive, wait, NULL, &attempt);
        if (attempt.can == CAN) {
            serve(naive, wait, &attempt);
            i--;
        }
    }
}

/* The oldest that can be; one that does not fit holds back later ones (rule S30). */
static bool serve_oldest(struct naive *naive)
{
    struct attempt attempt;
    bool blocked[NAIVE_SPACES] = {false};
    for (int i = 0; i < naive->wait_count; i++) {
        struct wait *wait = naive->waits[i];
        if (wait->request.op == TSD_OP_RD)
            continue;
        attempt_request(naive, wait, blocked, &attempt);
        if (naive_lacks_memory(naive, wait, naive->position + 1)) {
            attempt.can = CAN;
            attempt.status = TS_NO_MEMORY;
        }
        if (attempt.can == CAN) {
            serve(naive, wait, &attempt);
            return true;
        }
        note_line(wait, &attempt);
        if (attempt.lines_up)
            naive_room_block(naive, attempt.need, blocked);
    }
    return false;
}

/* rule S27 */
static bool drop_pulses(struct naive *naive)
{
    bool any = false;
    for (;;) {
        struct tuple *first = NULL;
        for (int i = 0; i < naive->tuple_count; i++) {
            struct tuple *tuple = naive->tuples[i];
            if (tuple->pulse && tuple->state == TSD_STATE_STORED &&
                (!first || tuple->id < first->id))
                first = tuple;
        }
        if (!first)
            return any;
        naive_tell_watches(naive, TSD_EVENT_EXPIRED, first);
        naive_tuple_gone(naive, first);
        any = true;
    }
}

/* rule S2 */
void naive_settle(struct naive *naive)
{
    after_unit(naive);
    do {
        do
            serve_readers(naive);
        while (serve_oldest(naive) && (after_unit(naive), true));
    } while (drop_pulses(naive) && (leave_line(naive), true));
}

/* rule S20 */
void naive_look_at_drained(struct naive *naive)
{
    for (int i = 0; i < naive->wait_count;) {
        struct wait *wait = naive->waits[i++];
        if (wait->request.op != TSD_OP_DRAINED || !is_drained(naive, wait))
            continue;
        naive_unit_begin(naive);
        naive_say_end(naive, wait, TS_OK);
        naive_wait_end(naive, wait);
        i--;
    }
}
