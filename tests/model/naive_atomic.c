/* SPDX-License-Identifier: MIT */
/* atomic (rules S22, S23). */
#include "naive_state.h"

static bool is_taking(const struct naive_part *guard)
{
    return guard->guard == TSD_GUARD_IN || guard->guard == TSD_GUARD_HOLD;
}

static bool finishes(const struct naive *naive, const struct wait *wait, const struct tuple *tuple)
{
    for (int i = 0; i < wait->request.step_count; i++)
        if (wait->request.steps[i].finishes &&
            naive_token_find(naive, wait->session, &wait->request.steps[i].token) == tuple)
            return true;
    return false;
}

/* rule S16: nothing that is there or may come back, but what the same atomic finishes */
static bool is_absent(const struct naive *naive, const struct wait *wait,
                      const struct naive_part *guard)
{
    for (int i = 0; i < naive->tuple_count; i++)
        if (naive_part_matches(guard, naive->tuples[i]) && !finishes(naive, wait, naive->tuples[i]))
            return false;
    return true;
}

static struct tuple *first_stored(const struct naive *naive, const struct naive_part *guard)
{
    for (int i = 0; i < naive->tuple_count; i++)
        if (naive->tuples[i]->state == TSD_STATE_STORED &&
            naive_part_matches(guard, naive->tuples[i]))
            return naive->tuples[i];
    return NULL;
}

static bool is_among(struct tuple *const *got, const struct naive_part *guards, int count,
                     const struct tuple *tuple)
{
    for (int i = 0; i < count; i++)
        if (is_taking(&guards[i]) && got[i] == tuple)
            return true;
    return false;
}

/* Guard by guard the best-placed that leaves the later ones satisfiable: tries all in order. */
static bool assign(const struct naive *naive, const struct naive_request *request, int guard,
                   struct tuple **got)
{
    if (guard == request->part_count)
        return true;
    if (!is_taking(&request->parts[guard]))
        return assign(naive, request, guard + 1, got);
    for (int i = 0; i < naive->tuple_count; i++) {
        struct tuple *tuple = naive->tuples[i];
        if (tuple->state != TSD_STATE_STORED ||
            !naive_part_matches(&request->parts[guard], tuple) ||
            is_among(got, request->parts, guard, tuple))
            continue;
        got[guard] = tuple;
        if (assign(naive, request, guard + 1, got))
            return true;
    }
    return false;
}

/* Each guard by itself first: so that few assignments are tried in vain. */
bool naive_guards_hold(const struct naive *naive, const struct wait *wait,
                       struct tuple *got[NAIVE_PARTS])
{
    for (int i = 0; i < wait->request.part_count; i++) {
        const struct naive_part *guard = &wait->request.parts[i];
        got[i] = NULL;
        if (guard->guard == TSD_GUARD_ABSENT) {
            if (!is_absent(naive, wait, guard))
                return false;
        } else if (!(got[i] = first_stored(naive, guard)))
            return false;
    }
    return assign(naive, &wait->request, 0, got);
}

/* One field of a body's tuple; false where it cannot be made. */
static bool fill_in(const struct naive_field *from, struct tuple *const *got,
                    struct naive_value *value)
{
    *value = from->value;
    if (!from->takes)
        return true;
    const struct naive_tuple *tuple = &got[from->guard]->is;
    if (from->field >= tuple->fields)
        return false;
    *value = tuple->values[from->field];
    return !from->adds || (value->kind == NAIVE_INT &&
                           !__builtin_add_overflow(value->number, from->add, &value->number));
}

/* What its answer would be if the guards got these; fills in the tuples of the steps that put. */
enum ts_status naive_atomic_check(const struct naive *naive, const struct wait *wait,
                                  struct tuple *const got[NAIVE_PARTS],
                                  struct naive_tuple puts[NAIVE_STEPS])
{
    const struct naive_request *request = &wait->request;
    uint64_t bytes = 0;
    int count = 0;
    for (int i = 0; i < request->part_count; i++)
        if (got[i]) {
            bytes += got[i]->bytes;
            count++;
        }
    if (count > 1 && bytes > naive->reply_bytes)
        return TS_LIMIT;
    for (int i = 0; i < request->step_count; i++) {
        const struct naive_step *step = &request->steps[i];
        puts[i].fields = step->fields;
        for (int k = 0; !step->finishes && k < step->fields; k++)
            if (!fill_in(&step->template[k], got, &puts[i].values[k]))
                return TS_INVALID;
    }
    return TS_OK;
}

/* Takes what the guards got, in their order; `items` is what is told of it. */
static void take(struct naive *naive, const struct wait *wait, struct session *session,
                 struct tuple *const got[NAIVE_PARTS], struct trace_item items[NAIVE_PARTS])
{
    const struct naive_request *request = &wait->request;
    for (int i = 0; i < request->part_count; i++)
        if (got[i])
            items[i] = naive_item_of(naive, got[i], i, request);
    for (int i = 0; i < request->part_count; i++) {
        const struct naive_part *guard = &request->parts[i];
        if (got[i] && guard->guard == TSD_GUARD_IN)
            naive_tuple_deliver(naive, got[i], session);
        if (got[i] && guard->guard == TSD_GUARD_HOLD) {
            naive_tuple_hold(naive, got[i], session, guard->has_hold_time, guard->hold_us,
                             guard->detached);
            items[i].token = got[i]->hold;
        }
    }
}

/* Puts and finishes; what the guards took by `in` is final. Returns the first id, 0: none. */
static uint64_t do_body(struct naive *naive, const struct wait *wait, const struct session *session,
                        struct tuple *const got[NAIVE_PARTS],
                        const struct naive_tuple puts[NAIVE_STEPS])
{
    const struct naive_request *request = &wait->request;
    uint64_t first = 0;
    for (int i = 0; i < request->part_count; i++)
        if (request->parts[i].guard == TSD_GUARD_IN)
            naive_tuple_gone(naive, got[i]);
    for (int i = 0; i < request->step_count; i++) {
        const struct naive_step *step = &request->steps[i];
        if (step->finishes) {
            naive_tuple_gone(naive, naive_token_find(naive, wait->session, &step->token));
            continue;
        }
        const uint64_t id = naive_tuple_put(naive, session, step->space, &puts[i], &step->putting);
        first = first ? first : id;
    }
    return first;
}

void naive_atomic_do(struct naive *naive, const struct wait *wait,
                     struct tuple *const got[NAIVE_PARTS],
                     const struct naive_tuple puts[NAIVE_STEPS])
{
    const struct naive_request *request = &wait->request;
    struct session *session = naive_session_find(naive, wait->session);
    struct trace_item items[NAIVE_PARTS];
    uint64_t first = 0;
    bool delivers = false;
    for (int i = 0; i < request->part_count; i++)
        delivers |= request->step_count == 0 && request->parts[i].guard == TSD_GUARD_IN;
    session->delivered += delivers;
    take(naive, wait, session, got, items);
    if (request->step_count > 0)
        first = do_body(naive, wait, session, got, puts);
    naive_key_remember(naive, wait, first);
    naive_say(naive, wait, TS_OK);
    trace_word(naive->trace, " value ", first);
    if (delivers)
        trace_word(naive->trace, " delivery ", session->delivered);
    for (int i = 0; i < request->part_count; i++)
        if (got[i])
            trace_item(naive->trace, &items[i]);
    trace_text(naive->trace, "\n");
}
