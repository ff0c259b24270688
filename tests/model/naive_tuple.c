/* SPDX-License-Identifier: MIT */
/* What happens to one tuple: it is put, taken, comes back, moves, is gone. */
#include <stdlib.h>

#include "generate.h"
#include "naive_state.h"

uint64_t naive_unit_begin(struct naive *naive)
{
    naive->at_used = false;
    return naive->at = ++naive->position;
}

/* rule S35: the unit's own position is its first tuple's id, those that follow are the others'. */
static uint64_t next_id(struct naive *naive)
{
    if (naive->at_used)
        return ++naive->position;
    naive->at_used = true;
    return naive->at;
}

bool naive_is_kept(const struct tuple *tuple)
{
    return tuple->state == TSD_STATE_DELIVERED || tuple->state == TSD_STATE_HELD;
}

/* rule S26 */
static void set_times(const struct naive *naive, struct tuple *tuple,
                      const struct naive_putting *putting)
{
    tuple->life_end = putting->ttl_us ? naive->now + putting->ttl_us * 1000 : NEVER;
    if (putting->delay_us) {
        tuple->state = TSD_STATE_DELAYED;
        tuple->wake = naive->now + putting->delay_us * 1000;
    }
}

uint64_t naive_tuple_put(struct naive *naive, const struct session *by, int space,
                         const struct naive_tuple *is, const struct naive_putting *putting)
{
    struct tuple *tuple = malloc(sizeof *tuple);
    *tuple = (struct tuple){.id = next_id(naive),
                            .priority = putting->priority,
                            .space = space,
                            .is = *is,
                            .bytes = generate_tuple_bytes(is),
                            .state = TSD_STATE_STORED,
                            .bound = putting->bound ? by->number : 0,
                            .pulse = putting->pulse,
                            .uid = by->user.uid,
                            .pid = by->pid,
                            .program = by->program,
                            .put_at = naive->now};
    set_times(naive, tuple, putting);
    naive_list_put(naive, tuple);
    if (tuple->state == TSD_STATE_STORED)
        naive_tell_watches(naive, TSD_EVENT_PUT, tuple);
    return tuple->id;
}

/* rule S3: it is new there, with the same priority, remaining life and owner */
static void arrive_in(struct naive *naive, struct tuple *tuple, int to)
{
    tuple->id = next_id(naive);
    tuple->space = to;
    tuple->state = TSD_STATE_STORED;
    naive_list_put(naive, tuple);
    naive_tell_watches(naive, TSD_EVENT_PUT, tuple);
}

/* rules S12, S29 */
static void forget_returns(struct tuple *tuple)
{
    tuple->returns = tuple->reason = 0;
    tuple->has_exit = false;
}

void naive_tuple_move(struct naive *naive, struct tuple *tuple, int to)
{
    naive_list_take(naive, tuple);
    forget_returns(tuple);
    arrive_in(naive, tuple, to);
}

void naive_tuple_copy(struct naive *naive, const struct tuple *tuple, int to,
                      const struct session *by)
{
    struct tuple *copy = malloc(sizeof *copy);
    *copy = *tuple;
    forget_returns(copy);
    copy->uid = by->user.uid; /* whoever makes it has put it */
    copy->pid = by->pid;
    copy->program = by->program;
    copy->put_at = naive->now;
    arrive_in(naive, copy, to);
}

void naive_tuple_gone(struct naive *naive, struct tuple *tuple)
{
    naive_list_take(naive, tuple);
    free(tuple);
}

void naive_tuple_removed(struct naive *naive, struct tuple *tuple)
{
    if (tuple->state == TSD_STATE_DELIVERED) {
        naive->unread =
            realloc(naive->unread, (size_t)(naive->unread_count + 1) * sizeof *naive->unread);
        naive->unread[naive->unread_count++] =
            (struct unread){tuple->uid, tuple->session, tuple->delivery};
    }
    naive_tuple_gone(naive, tuple);
}

void naive_tuple_deliver(struct naive *naive, struct tuple *tuple, const struct session *to)
{
    naive_tell_watches(naive, TSD_EVENT_TAKEN, tuple);
    tuple->state = TSD_STATE_DELIVERED;
    tuple->session = to->number;
    tuple->delivery = to->delivered;
    tuple->detached = false;
}

void naive_tuple_hold(struct naive *naive, struct tuple *tuple, const struct session *to,
                      bool has_hold_time, uint64_t hold_us, bool detached)
{
    naive_tell_watches(naive, TSD_EVENT_TAKEN, tuple);
    tuple->state = TSD_STATE_HELD;
    tuple->session = to->number;
    tuple->hold = ++naive->holds;
    tuple->hold_end = has_hold_time ? naive->now + hold_us * 1000 : NEVER;
    tuple->detached = detached;
    tuple->hold_user = to->user.uid;
}

/* rule S12: where it goes if it has come back too often; -1: it stays */
static int dead_letter_of(const struct naive *naive, const struct tuple *tuple)
{
    const struct space *space = &naive->spaces[tuple->space];
    const bool bounded = space->max_returns != UINT32_MAX;
    if (!bounded || tuple->returns <= space->max_returns || space->dead_letter < 0 ||
        !naive_may_write(naive, &space->dead_letter_user, space->dead_letter))
        return -1;
    return space->dead_letter;
}

/* rules S11, S12, S13 */
void naive_tuple_back(struct naive *naive, struct tuple *tuple, const struct comes_back *how)
{
    if (tuple->life_end <= naive->now || tuple->orphan || tuple->pulse) {
        naive_tuple_gone(naive, tuple);
        return;
    }
    tuple->returns += !how->uncounted;
    tuple->reason = how->reason;
    tuple->has_exit = how->has_exit;
    tuple->exit_status = how->exit_status;
    const int dead_letter = dead_letter_of(naive, tuple);
    if (dead_letter >= 0) {
        naive_make(naive, &naive->spaces[tuple->space].dead_letter_user, dead_letter);
        naive_list_take(naive, tuple);
        arrive_in(naive, tuple, dead_letter);
    } else if (how->delay_us) {
        tuple->state = TSD_STATE_DELAYED;
        tuple->wake = naive->now + how->delay_us * 1000;
        tuple->was_kept = true;
    } else {
        tuple->state = TSD_STATE_STORED;
        naive_tell_watches(naive, TSD_EVENT_RETURNED, tuple);
    }
}

/* What a session that ends had in the spaces, in the order of place (rules S10, S13). */
void naive_session_lets_go(struct naive *naive, const struct session *session, enum naive_end end)
{
    const struct comes_back back = {.reason = TSD_REASON_CONNECTION,
                                    .uncounted = end != NAIVE_DIES};
    struct tuple *kept[naive->tuple_count + 1];
    int count = 0;
    for (int i = 0; i < naive->tuple_count; i++) {
        struct tuple *tuple = naive->tuples[i];
        const bool bound = tuple->bound == session->number;
        if (naive_is_kept(tuple)) {
            tuple->orphan |= bound;
            if (tuple->session == session->number && !tuple->detached)
                kept[count++] = tuple;
        } else if (bound) {
            if (tuple->state == TSD_STATE_STORED)
                naive_tell_watches(naive, TSD_EVENT_EXPIRED, tuple);
            naive_tuple_gone(naive, tuple);
            i--;
        }
    }
    for (int i = 0; i < count; i++)
        naive_tuple_back(naive, kept[i], &back);
}

void naive_session_puts_wills(struct naive *naive, const struct session *session)
{
    for (int i = 0; i < session->will_count; i++) {
        const struct naive_request *will = session->wills[i];
        if (!naive_may_write(naive, &session->user, will->space))
            continue; /* rule S32 */
        naive_make(naive, &session->user, will->space);
        for (int k = 0; k < will->tuple_count; k++)
            naive_tuple_put(naive, session, will->space, &will->tuples[k], &will->putting);
    }
}
