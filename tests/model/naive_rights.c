/* SPDX-License-Identifier: MIT */
/* Who sees a space, and what its user may do there (rules S31, S32). */
#include "naive_state.h"

enum { READ = 4, WRITE = 2, TAKE = 1 };

/* --- Spaces --- */

bool naive_is_there(const struct naive *naive, int space)
{
    return naive->spaces[space].explicit || naive_in_use(naive, space, true);
}

static bool is_in(const struct naive_user *user, uint32_t group)
{
    for (int i = 0; i < user->group_count; i++)
        if (user->groups[i] == group)
            return true;
    return false;
}

/* The first class that fits, and no other's rights. */
static uint32_t rights(const struct space *space, const struct naive_user *user)
{
    if (user->administrator)
        return READ | WRITE | TAKE;
    if (user->uid == space->owner)
        return space->mode / 0100;
    if (is_in(user, space->group))
        return space->mode / 010 % 010;
    return space->mode % 010;
}

static bool is_seen(const struct space *space, const struct naive_user *user)
{
    return user->uid == space->owner || rights(space, user) != 0;
}

bool naive_sees(const struct naive *naive, const struct naive_user *user, int space)
{
    return naive_is_there(naive, space) && is_seen(&naive->spaces[space], user);
}

/* The space, or what it would be if this user made it. */
static struct space space_or_new(const struct naive *naive, const struct naive_user *user,
                                 int space)
{
    const struct naive_rule *rule = &naive->rules[space];
    struct space is = naive->spaces[space];
    if (naive_is_there(naive, space))
        return is;
    is.owner = rule->has_owner ? rule->owner : user->uid;
    is.group = rule->has_group ? rule->group : user->groups[0];
    is.mode = rule->has_mode ? rule->mode : 0700;
    is.maker = user->uid;
    return is;
}

bool naive_may_write(const struct naive *naive, const struct naive_user *user, int space)
{
    if (!naive->has_rules)
        return true;
    const struct space is = space_or_new(naive, user, space);
    return rights(&is, user) & WRITE;
}

void naive_make(struct naive *naive, const struct naive_user *user, int space)
{
    if (naive->has_rules)
        naive->spaces[space] = space_or_new(naive, user, space);
}

/* --- What a request needs --- */

struct asks {
    const struct naive *naive;
    const struct naive_user *user;
    const struct naive_request *request;
};

/*
 * What makes a space is refused where it is, or would be, another's. A right of 0: it has to be seen.
 */
static enum ts_status may(const struct asks *asks, int space, uint32_t right, bool makes)
{
    const struct space is = space_or_new(asks->naive, asks->user, space);
    if (!makes && !naive_sees(asks->naive, asks->user, space))
        return TS_OK;
    if (!is_seen(&is, asks->user) || (right && !(rights(&is, asks->user) & right)))
        return TS_DENIED;
    return naive_is_there(asks->naive, space) || naive_quota_space(asks->naive, asks->user->uid)
               ? TS_OK
               : TS_LIMIT;
}

static uint32_t right_of_part(const struct naive_request *request, int part)
{
    const enum tsd_guard guard = request->parts[part].guard;
    switch (request->op) {
    case TSD_OP_IN:
    case TSD_OP_HOLD:
    case TSD_OP_COLLECT:
        return TAKE;
    case TSD_OP_ATOMIC:
        return guard == TSD_GUARD_IN || guard == TSD_GUARD_HOLD ? TAKE : READ;
    default:
        return READ;
    }
}

static bool may_wait(const struct naive_request *request)
{
    return !request->has_timeout || request->timeout_us > 0;
}

/* What looks and does not wait makes no space. */
static bool parts_make(const struct naive_request *request)
{
    switch (request->op) {
    case TSD_OP_IN:
    case TSD_OP_RD:
    case TSD_OP_HOLD:
    case TSD_OP_ATOMIC:
        return may_wait(request);
    default:
        return request->op == TSD_OP_WATCH;
    }
}

/* Whether it puts into its own space, or the one that it names for that, or knows its key there. */
static bool writes_there(const struct naive_request *request)
{
    return request->key || request->op == TSD_OP_OUT || request->op == TSD_OP_WILL ||
           (request->op == TSD_OP_FINISH && request->tuple_count > 0);
}

static bool writes(const struct naive_request *request, int space)
{
    for (int i = 0; i < request->step_count; i++)
        if (!request->steps[i].finishes && request->steps[i].space == space)
            return true;
    return request->space == space && writes_there(request);
}

/* space, remove: what is its owner's to do. */
static bool is_not_owner(const struct asks *asks, bool makes)
{
    const int space = asks->request->space;
    const struct space is = space_or_new(asks->naive, asks->user, space);
    return !asks->user->administrator && (makes || naive_sees(asks->naive, asks->user, space)) &&
           is.owner != asks->user->uid;
}

static enum ts_status may_set(const struct asks *asks)
{
    const struct naive_request *request = asks->request;
    const bool sees = naive_sees(asks->naive, asks->user, request->space);
    if (request->existing && !sees)
        return TS_OK;
    if (is_not_owner(asks, true))
        return TS_DENIED;
    if (!sees && !naive_quota_space(asks->naive, asks->user->uid))
        return TS_LIMIT;
    if (asks->user->administrator)
        return TS_OK;
    if ((request->has_owner && request->owner != asks->user->uid) ||
        (request->has_group && !is_in(asks->user, request->group)))
        return TS_DENIED;
    return request->has_dead_letter && request->dead_letter >= 0
               ? may(asks, request->dead_letter, WRITE, true)
               : TS_OK;
}

/* The first of its parts, then what it puts, then its own space, that there is something with. */
static enum ts_status may_all(const struct asks *asks)
{
    const struct naive_request *request = asks->request;
    enum ts_status status = TS_OK;
    for (int i = 0; i < request->part_count && status == TS_OK; i++)
        status = may(asks, request->parts[i].space, right_of_part(request, i), parts_make(request));
    for (int i = 0; i < request->step_count && status == TS_OK; i++)
        if (!request->steps[i].finishes)
            status = may(asks, request->steps[i].space, WRITE, true);
    if (status == TS_OK && request->to >= 0)
        status = may(asks, request->to, WRITE, true);
    if (status == TS_OK && writes_there(request))
        return may(asks, request->space, WRITE, true);
    /* also where no part is in it, it is there while this waits */
    if (status == TS_OK && request->op == TSD_OP_ATOMIC && may_wait(request))
        return may(asks, request->space, 0, true);
    return status;
}

static struct asks asks_of(const struct naive *naive, const struct wait *wait)
{
    return (struct asks){naive, &naive_session_find(naive, wait->session)->user, &wait->request};
}

enum ts_status naive_may_ask(const struct naive *naive, const struct wait *wait)
{
    const struct asks asks = asks_of(naive, wait);
    if (!naive->has_rules)
        return TS_OK;
    if (wait->request.op == TSD_OP_SPACE)
        return may_set(&asks);
    if (wait->request.op == TSD_OP_REMOVE)
        return is_not_owner(&asks, false) ? TS_DENIED : TS_OK;
    return may_all(&asks);
}

void naive_hide(const struct naive *naive, struct wait *wait)
{
    const struct naive_user *user = &naive_session_find(naive, wait->session)->user;
    for (int i = 0; naive->has_rules && i < wait->request.part_count; i++)
        if (naive_is_there(naive, wait->request.parts[i].space) &&
            !naive_sees(naive, user, wait->request.parts[i].space))
            wait->request.parts[i].space = -1;
}

/* --- What is made by a request, and what ends it --- */

void naive_make_named(struct naive *naive, const struct wait *wait)
{
    const struct naive_user *user = &naive_session_find(naive, wait->session)->user;
    for (int i = 0; i < NAIVE_SPACES; i++)
        if (naive_names(&wait->request, i))
            naive_make(naive, user, i);
}

/* Before it takes or finishes anything: a space that a unit empties and fills was never gone. */
void naive_make_targets(struct naive *naive, const struct wait *wait)
{
    const struct naive_user *user = &naive_session_find(naive, wait->session)->user;
    for (int i = 0; i < NAIVE_SPACES; i++)
        if (writes(&wait->request, i))
            naive_make(naive, user, i);
}

/* Whether it waits there without a right that it needs. */
static bool loses(const struct asks *asks, int space)
{
    const struct naive_request *request = asks->request;
    const uint32_t has = rights(&asks->naive->spaces[space], asks->user);
    for (int i = 0; i < request->part_count; i++)
        if (request->parts[i].space == space && !(has & right_of_part(request, i)))
            return true;
    return writes(request, space) && !(has & WRITE);
}

void naive_end_denied(struct naive *naive, int space)
{
    for (int i = 0; naive->has_rules && i < naive->wait_count;) {
        struct wait *wait = naive->waits[i++];
        const struct asks asks = asks_of(naive, wait);
        if (!loses(&asks, space))
            continue;
        naive_unit_begin(naive);
        naive_say_end(naive, wait, TS_DENIED);
        naive_wait_end(naive, wait);
        i--;
    }
}
