/* SPDX-License-Identifier: MIT */
/* The end of a connection, and what comes back (rules S10 to S13). */
#include "history/model.h"

/* A tuple returned too often moves: the event `put` of it in its dead-letter space. */
static struct unit_event *moved_event(struct model *model, const struct tup *tup)
{
    const int space = model->rooms[tup->space].dead_letter;
    for (size_t i = 0; space != NO_SPACE && i < model->event_count; i++) {
        struct unit_event *event = &model->events[i];
        if (!event->used && event->space == space && event->event->kind == TSD_EVENT_PUT &&
            same_tuple(event->event->told.tuple, tup->bytes) &&
            !tup_find(model, event->event->told.id))
            return event;
    }
    return NULL;
}

static void move_to_dead_letters(struct model *model, struct tup *tup, struct unit_event *event)
{
    struct tup *letter =
        tup_new(model, event->event->told.id, event->space, event->event->told.tuple);
    event->used = true;
    letter->priority = tup->priority;
    letter->returns = tup->returns;
    letter->put_low = tup->put_low;
    letter->put_high = tup->put_high;
    letter->ttl_ns = tup->ttl_ns;
    letter->bound = tup->bound;
    if (letter->bound != UNKNOWN_SESSION)
        list_add(&model->seats[letter->bound].bound, letter);
    if (tup->returns <= model->rooms[tup->space].max_returns)
        verdict_add(model->verdict, FOUND_RETURN_COUNT, tup->kept_by, tup->put_by,
                    "tuple %llu went to the dead letters after %u returns",
                    (unsigned long long)tup->id, tup->returns);
    tup_set(model, tup, LIFE_MOVED);
    tup_set(model, letter, LIFE_STORED);
}

static void returned(struct model *model, struct tup *tup, struct unit_event *event)
{
    const struct room *room = &model->rooms[tup->space];
    event->used = true;
    check_event(model, event, tup);
    if (room->dead_letter != NO_SPACE && tup->returns > room->max_returns)
        verdict_add(model->verdict, FOUND_WRONG_ANSWER, tup->kept_by, tup->put_by,
                    "tuple %llu came back %u times, and is no dead letter",
                    (unsigned long long)tup->id, tup->returns);
    tup_set(model, tup, LIFE_STORED);
}

bool may_be_delayed(struct model *model, struct tup *tup)
{
    const struct op *release = unsure_release(model, tup);
    if (!release || release->delay_us == 0)
        return false;
    tup->returning = tup->unsure_return = true;
    tup->visible_low = release->call_ns + 1000 * release->delay_us;
    tup_set(model, tup, LIFE_DELAYED);
    tup_maybe(model, tup);
    return true;
}

void give_back(struct model *model, struct tup *tup, bool counted)
{
    struct unit_event *event = find_event(model, TSD_EVENT_RETURNED, tup->id);
    const uint32_t returns = tup->returns;
    const bool final = tup->maybe; /* it was final all the time, where nothing comes back */
    if (tup->keeper != UNKNOWN_SESSION && model->seats[tup->keeper].unsure_goodbye)
        counted = event && event->event->told.returns > tup->returns;
    if (event || !final)
        tup->returns += counted;
    if (event) {
        returned(model, tup, event);
        return;
    }
    event = moved_event(model, tup);
    if (event) {
        tup->returns += final && counted;
        move_to_dead_letters(model, tup, event);
        return;
    }
    tup->returns = final ? returns : tup->returns;
    if (may_be_delayed(model, tup))
        return;
    if (!final && !may_be_dropped(model, tup))
        verdict_add(model->verdict, FOUND_LOST_AT_KILL, tup->kept_by, tup->put_by,
                    "tuple %llu did not come back at %llu", (unsigned long long)tup->id,
                    (unsigned long long)model->position);
    tup_set(model, tup, final ? LIFE_CONSUMED : LIFE_EXPIRED);
}

/* What was acknowledged by a request that was answered without a position, as a goodbye is. */
static void check_final(struct model *model, struct tup *tup)
{
    if (find_event(model, TSD_EVENT_RETURNED, tup->id))
        verdict_add(model->verdict, FOUND_AFTER_FINAL, tup->kept_by, NO_OP,
                    "tuple %llu came back at %llu, and was acknowledged",
                    (unsigned long long)tup->id, (unsigned long long)model->position);
    tup_set(model, tup, LIFE_CONSUMED);
}

static void give_back_all(struct model *model, struct list *list, int session, bool counted)
{
    for (size_t i = list->head; i < list->count; i++) {
        struct tup *tup = list->list[i];
        if (tup->life != LIFE_KEPT || tup->keeper != session || tup->detached)
            continue;
        if (!tup->held && tup->delivery <= model->seats[session].final_ack)
            check_final(model, tup);
        else
            give_back(model, tup, counted);
    }
    list->head = list->count;
}

static void drop_bound(struct model *model, int session)
{
    const struct list *list = &model->seats[session].bound;
    for (size_t i = 0; i < list->count; i++) {
        struct tup *tup = list->list[i];
        if (tup->life != LIFE_STORED && tup->life != LIFE_DELAYED)
            continue;
        struct unit_event *event = find_event(model, TSD_EVENT_EXPIRED, tup->id);
        if (event)
            event->used = true;
        else if (tup->life == LIFE_STORED)
            verdict_add(model->verdict, FOUND_WATCH_GAP, tup->put_by, NO_OP,
                        "tuple %llu was bound to a connection that ended at %llu",
                        (unsigned long long)tup->id, (unsigned long long)model->position);
        tup_set(model, tup, LIFE_EXPIRED);
    }
}

static void put_will(struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    uint32_t found = 0;
    for (uint32_t i = 0; i < op->tuple_count; i++) {
        for (size_t k = 0; k < model->event_count; k++) {
            struct unit_event *event = &model->events[k];
            if (event->used || event->space != op->space || event->event->kind != TSD_EVENT_PUT ||
                !same_tuple(event->event->told.tuple, op->tuples[i]))
                continue;
            event->used = true;
            found++;
            put(model, index, event->event->told.id, op->space, event->event->told.tuple,
                &op->putting, 0, 1);
            break;
        }
    }
    if (found > 0 && found < op->tuple_count)
        verdict_add(model->verdict, FOUND_HALF_UNIT, index, NO_OP,
                    "%u of the %u tuples of a will were put", found, op->tuple_count);
}

/* Whether any event of the unit is a tuple of the will. */
static bool puts_will(const struct model *model, int index)
{
    const struct op *op = &model->history->ops[index];
    for (size_t i = 0; i < model->event_count; i++)
        for (uint32_t k = 0; k < op->tuple_count; k++)
            if (!model->events[i].used && model->events[i].event->kind == TSD_EVENT_PUT &&
                model->events[i].space == op->space &&
                same_tuple(model->events[i].event->told.tuple, op->tuples[k]))
                return true;
    return false;
}

static void put_wills(struct model *model, int session, bool goodbye)
{
    const struct seat *seat = &model->seats[session];
    for (size_t i = 0; seat->wills && i < model->history->space_count; i++) {
        const int index = seat->wills[i];
        if (index == NO_OP)
            continue;
        const bool delayed = model->history->ops[index].putting.delay_us > 0;
        if (puts_will(model, index))
            put_will(model, index);
        else if (!goodbye && !delayed && !seat->unsure_will)
            verdict_add(model->verdict, FOUND_LOST, index, NO_OP, "a last will was not put at %llu",
                        (unsigned long long)model->position);
        else if (delayed)
            model->rooms[i].ghosts = true;
    }
    for (size_t i = 0; seat->unsure_will && i < model->will_count; i++)
        if (model->history->ops[model->wills[i]].session == session &&
            puts_will(model, model->wills[i]))
            put_will(model, model->wills[i]);
}

void end_session(struct model *model, int session, bool goodbye)
{
    struct seat *seat = &model->seats[session];
    const struct session *told = &model->history->sessions[session];
    if (told->end == SESSION_OPEN || told->end_low_ns > model->high_ns)
        verdict_add(model->verdict, FOUND_UNEXPLAINED, NO_OP, NO_OP,
                    "connection %llu ended at %llu, and was alive",
                    (unsigned long long)told->number, (unsigned long long)model->position);
    seat->ended = true;
    drop_bound(model, session);
    give_back_all(model, &seat->kept, session, !goodbye);
    give_back_all(model, &seat->held, session, !goodbye);
    put_wills(model, session, goodbye);
}

/* The tuple that was kept, and that this puts as a dead letter. */
static struct tup *dead_letter_of(const struct model *model, const struct unit_event *event)
{
    const struct span bytes = event->event->told.tuple;
    struct tup *tup = table_find(&model->contents, mix_bytes(bytes.bytes, bytes.size));
    if (!tup || tup->life != LIFE_KEPT || model->rooms[tup->space].dead_letter != event->space ||
        !same_tuple(tup->bytes, bytes))
        return NULL;
    return tup;
}

int will_or_dead_letter(const struct model *model, const struct unit_event *event)
{
    const struct told *told = &event->event->told;
    for (size_t i = 0; i < model->will_count; i++) {
        const struct op *op = &model->history->ops[model->wills[i]];
        for (uint32_t k = 0; op->space == event->space && k < op->tuple_count; k++)
            if (same_tuple(op->tuples[k], told->tuple))
                return op->session;
    }
    const struct tup *tup = dead_letter_of(model, event);
    return tup && !tup->timed && !tup->detached ? tup->keeper : UNKNOWN_SESSION;
}

bool dead_letter(struct model *model, struct unit_event *event)
{
    struct tup *tup = dead_letter_of(model, event);
    if (tup)
        give_back(model, tup, true);
    return tup != NULL;
}
