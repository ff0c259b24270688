/* SPDX-License-Identifier: MIT */
#include "space/life.h"

#include <assert.h>

#include "base/cold.h"
#include "base/must.h"
#include "space/away.h"
#include "space/lookup.h"
#include "space/state.h"
#include "space/stored.h"
#include "space/watch.h"

static void count_in(struct engine *engine, struct space *space, const struct stored *tuple)
{
    if (space->lined_absent > 0)
        settle_lined(engine, space, tuple, true);
    space->present += !(tuple->flags & STORED_PULSE); /* rule S30: pulses use no room */
}

static void count_out(struct engine *engine, struct space *space, const struct stored *tuple)
{
    if (tuple->flags & STORED_PULSE)
        return;
    space->present--;
    if (space->line)
        settle_room(engine, space);
}

int life_place(struct engine *engine, struct space *space, struct stored *tuple)
{
    if (space_put(engine, space, tuple) < 0)
        return -1;
    count_in(engine, space, tuple);
    owner_charge(engine, tuple);
    return 0;
}

void life_unplace(struct engine *engine, struct space *space, struct stored *tuple)
{
    space_drop(engine, space, tuple);
    stored_move(tuple, LIFE_GONE);
    space->present -= !(tuple->flags & STORED_PULSE);
    owner_release(engine, tuple);
}

void life_show(struct engine *engine, struct space *space, struct stored *tuple,
               enum tsd_event event)
{
    if (space->watches > 0)
        watch_event(engine, space, tuple, event);
    if (space->lookups > 0)
        lookup_arrives(engine, space, tuple);
    if (!LIST_EMPTY(&space->looking))
        absence_arrives(engine, space, tuple);
    settle_fresh(engine, space, tuple);
}

static void delay(struct space *space, struct stored *tuple, struct attributes *attributes)
{
    stored_move(tuple, LIFE_DELAYED);
    TAILQ_INSERT_TAIL(&space->delayed_list, attributes, delayed_link);
    space->delayed++;
}

void life_delay(struct engine *engine, struct space *space, struct stored *tuple,
                struct attributes *attributes)
{
    delay(space, tuple, attributes);
    count_in(engine, space, tuple);
    owner_charge(engine, tuple);
}

static void undelay(struct engine *engine, struct space *space, struct attributes *attributes)
{
    away_delayed_goes(engine, attributes);
    TAILQ_REMOVE(&space->delayed_list, attributes, delayed_link);
    space->delayed--;
}

static bool life_is_over(const struct engine *engine, const struct space *space,
                         const struct stored *tuple, const struct attributes *attributes)
{
    if (space->gone || tuple->flags & (STORED_DOOMED | STORED_PULSE))
        return true;
    if (!attributes)
        return false;
    return leave_dooms(attributes) || /* rule S5: it lives while now < end */
           (attributes->expiry.due_ns != 0 && attributes->expiry.due_ns <= engine->now_ns);
}

/* Room for one more offer, in units that cannot be refused. */
static void appear(struct engine *engine, struct space *space, struct stored *tuple,
                   enum tsd_event event)
{
    must(settle_reserve(engine, 1));
    must(space_put(engine, space, tuple));
    life_show(engine, space, tuple, event);
}

void life_wake(struct engine *engine, struct attributes *attributes)
{
    struct space *space = attributes->space;
    struct stored *tuple = attributes->tuple;
    undelay(engine, space, attributes);
    if (life_is_over(engine, space, tuple, attributes))
        life_leave(engine, space, tuple);
    else /* one that was released with a delay returns; one that was put so is put */
        appear(engine, space, tuple, attributes->reason ? TSD_EVENT_RETURNED : TSD_EVENT_PUT);
}

void life_take(struct engine *engine, struct space *space, struct stored *tuple, enum life to)
{
    if (space->watches > 0)
        watch_event(engine, space, tuple, TSD_EVENT_TAKEN);
    space_drop(engine, space, tuple);
    if (to == LIFE_GONE) {
        life_leave(engine, space, tuple);
        return;
    }
    if (tuple->flags & STORED_CHOSEN)
        settle_lined(engine, space, tuple, false);
    space->kept++;
    stored_move(tuple, to);
    if (tuple->flags & STORED_ATTRIBUTES) /* rule S13: its end is looked at when it comes back */
        timer_stop(engine, &attributes_of(engine, tuple)->expiry);
}

/* What few tuples have to leave behind. */
static COLD void leave_flags(struct engine *engine, const struct space *space, struct stored *tuple)
{
    if (tuple->flags & STORED_CHOSEN)
        settle_lined(engine, space, tuple, false);
    if (tuple->flags & STORED_WITNESS)
        absence_witness_gone(engine, tuple);
    if (tuple->flags & STORED_ATTRIBUTES)
        attributes_free(engine, attributes_of(engine, tuple));
}

void life_leave(struct engine *engine, struct space *space, struct stored *tuple)
{
    if (tuple->flags)
        leave_flags(engine, space, tuple);
    stored_move(tuple, LIFE_GONE);
    count_out(engine, space, tuple);
    owner_release(engine, tuple);
    stored_unref(&engine->slab, tuple);
    engine_space_left(engine, space);
}

void life_expire(struct engine *engine, struct space *space, struct stored *tuple)
{
    switch (tuple->life) {
    case LIFE_STORED:
        if (space->watches > 0)
            watch_event(engine, space, tuple, TSD_EVENT_EXPIRED);
        space_drop(engine, space, tuple);
        life_leave(engine, space, tuple);
        break;
    case LIFE_DELAYED:
        undelay(engine, space, attributes_of(engine, tuple));
        life_leave(engine, space, tuple);
        break;
    default: /* kept: its holder may finish it undisturbed */
        tuple->flags |= STORED_DOOMED;
    }
}

/* The tuple itself; a copy where somebody still tells of it by its old id. */
static struct stored *to_be_renamed(struct engine *engine, struct stored *tuple)
{
    if (tuple->refs == 1)
        return tuple;
    const struct tuple_view view = stored_view(tuple);
    struct stored *copy = must_have(stored_new(&engine->slab, &view));
    copy->owner = tuple->owner;
    copy->put_ds = tuple->put_ds;
    stored_set_priority(copy, stored_priority(tuple));
    copy->flags = tuple->flags;
    stored_move(tuple, LIFE_GONE);
    stored_unref(&engine->slab, tuple);
    return copy;
}

/* The tuple, in no order, becomes one of another space: a new id (rule S3). */
static void rename_into(struct engine *engine, struct space *from, struct stored *tuple,
                        struct space *to)
{
    struct attributes *attributes = attributes_of(engine, tuple);
    if (tuple->flags & STORED_WITNESS)
        absence_witness_gone(engine, tuple);
    if (attributes)
        table_remove(&engine->attributes, &attributes->node);
    count_out(engine, from, tuple);
    tuple = to_be_renamed(engine, tuple);
    if (tuple->flags & STORED_CHOSEN)
        settle_lined(engine, from, tuple, false);
    tuple->flags &= (uint32_t)~STORED_CHOSEN;
    stored_set_id(tuple, unit_id(engine));
    if (attributes) {
        attributes_enter(engine, attributes, tuple, to);
        if (timer_runs(
                &attributes->expiry)) { /* its place among those due at one instant changes */
            timer_stop(engine, &attributes->expiry);
            must(timer_start(engine, &attributes->expiry, TIMER_EXPIRY, attributes->expiry.due_ns,
                             stored_id(tuple)));
        }
    }
    count_in(engine, to, tuple);
    appear(engine, to, tuple, TSD_EVENT_PUT);
    engine_space_left(engine, from);
}

/* rule S12: whether it has come back too often, and where it goes then */
static struct space *dead_letter_of(struct engine *engine, const struct space *space,
                                    uint32_t returns)
{
    if (!space->dead_letter.bytes || returns <= space->max_returns)
        return NULL;
    if (!access_may_write(engine, owner_at(&engine->owners, space->dead_letter_owner),
                          &space->dead_letter))
        return NULL; /* rule S32: not any more; it stays */
    return must_have(engine_make_space(engine, &space->dead_letter, space->dead_letter_owner));
}

/* Its life goes on to run out where it did while the tuple was kept. */
static void live_on(struct engine *engine, struct attributes *attributes)
{
    if (attributes->expiry.due_ns != 0)
        must(timer_start(engine, &attributes->expiry, TIMER_EXPIRY, attributes->expiry.due_ns,
                         stored_id(attributes->tuple)));
}

void life_return(struct engine *engine, struct space *space, struct stored *tuple,
                 const struct coming_back *why)
{
    space->kept--;
    if (life_is_over(engine, space, tuple, attributes_of(engine, tuple))) {
        life_leave(engine, space, tuple); /* rule S13, before dead-lettering (rule S12) */
        return;
    }
    struct attributes *attributes = attributes_make(engine, tuple, space);
    attributes->returns += why->counted;
    attributes->reason = why->reason;
    attributes->exit_status = why->exit_status;
    live_on(engine, attributes);
    struct space *dead_letter = dead_letter_of(engine, space, attributes->returns);
    if (dead_letter) {
        rename_into(engine, space, tuple, dead_letter);
    } else if (why->delay_us > 0) {
        must(timer_start(engine, &attributes->wake, TIMER_WAKE, timer_after(engine, why->delay_us),
                         stored_id(tuple)));
        delay(space, tuple, attributes);
    } else {
        appear(engine, space, tuple, TSD_EVENT_RETURNED);
    }
}

static void forget_returns(struct engine *engine, struct stored *tuple)
{
    struct attributes *attributes = attributes_of(engine, tuple);
    if (attributes) {
        attributes->returns = 0; /* rule S12 */
        attributes->reason = 0;
        attributes->exit_status = UINT32_MAX;
    }
}

void life_move(struct engine *engine, struct space *from, struct stored *tuple, struct space *to)
{
    if (from->watches > 0)
        watch_event(engine, from, tuple, TSD_EVENT_TAKEN);
    space_drop(engine, from, tuple);
    forget_returns(engine, tuple);
    rename_into(engine, from, tuple, to);
}

/* The copy has what the tuple has but its returns. */
static void copy_attributes(struct engine *engine, const struct attributes *attributes,
                            struct stored *copy, struct space *to)
{
    struct attributes *mine = attributes_make(engine, copy, to);
    if (attributes->expiry.due_ns != 0) {
        mine->expiry.due_ns = attributes->expiry.due_ns;
        must(timer_start(engine, &mine->expiry, TIMER_EXPIRY, attributes->expiry.due_ns,
                         stored_id(copy)));
    }
    if (attributes->bound)
        attributes_bind(mine, attributes->bound);
}

bool life_copy(struct engine *engine, const struct stored *tuple, struct space *to,
               const struct session *session)
{
    const struct attributes *attributes = attributes_of(engine, tuple);
    if (attributes && leave_dooms(attributes))
        return false;
    const struct tuple_view view = stored_view(tuple);
    struct stored *copy = must_have(stored_new(&engine->slab, &view));
    stored_set_id(copy, unit_id(engine));
    stored_set_priority(copy, stored_priority(tuple));
    copy->owner = session->owner; /* who makes it has put it, and is charged */
    copy->put_ds = (uint32_t)(engine->now_ns / 100000000);
    must(life_place(engine, to, copy));
    if (attributes && (attributes->expiry.due_ns != 0 || attributes->bound))
        copy_attributes(engine, attributes, copy, to);
    must(settle_reserve(engine, 1));
    life_show(engine, to, copy, TSD_EVENT_PUT);
    return true;
}
