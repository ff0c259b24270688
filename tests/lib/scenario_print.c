/* SPDX-License-Identifier: MIT */
/*
 * One answer or event of a scenario, in a sentence.
 */
#include "lib/scenario_print.h"

#include "lib/scenario_read.h"

bool telling_own(const struct telling *telling, const struct scenario_came *came)
{
    return telling->step->kind == STEP_REQUEST && came->party == telling->step->session &&
           came->number == telling->step->request.number;
}

const struct scenario_asked *telling_asked(const struct telling *telling,
                                           const struct scenario_came *came)
{
    return &telling->state->parties[came->party].asked[came->number];
}

static void tell_time(struct buffer *out, uint64_t microseconds)
{
    if (microseconds % 1000000 == 0)
        buffer_printf(out, " %llus", (unsigned long long)microseconds / 1000000);
    else if (microseconds % 1000 == 0)
        buffer_printf(out, " %llums", (unsigned long long)microseconds / 1000);
    else
        buffer_printf(out, " %lluus", (unsigned long long)microseconds);
}

/* (released, exit 3) */
static void tell_reason(struct buffer *out, const struct item *item)
{
    static const char *const reasons[] = {
#define REASON(number, NAME, name, what) [number] = name,
        TSD_REASONS(REASON)
#undef REASON
    };
    if (item->has & ITEM_HAS(RETURNS))
        buffer_printf(out, " returns %u", item->returns);
    if (!(item->has & ITEM_HAS(REASON)))
        return;
    buffer_printf(out, " (%s", reasons[item->reason]);
    if (item->has & ITEM_HAS(EXIT_STATUS) && item->exit_status >= 256)
        buffer_printf(out, ", signal %u", item->exit_status - 256);
    else if (item->has & ITEM_HAS(EXIT_STATUS))
        buffer_printf(out, ", exit %u", item->exit_status);
    buffer_printf(out, ")");
}

static void tell_state(const struct telling *telling, const struct item *item)
{
    static const char *const states[] = {
#define STATE(number, NAME, name, what) [number] = name,
        TSD_STATES(STATE)
#undef STATE
    };
    if (!(item->has & ITEM_HAS(STATE)))
        return;
    buffer_printf(telling->out, " %s", states[item->state]);
    if (item->has & ITEM_HAS(HOLDER)) {
        const int party = party_find(telling->state, item->holder);
        buffer_printf(telling->out, item->state == TSD_STATE_DELIVERED ? " to " : " by ");
        buffer_printf(telling->out, party < 0 ? "nobody" : "%c", 'a' + party);
    }
    if (telling->scenario->virtual_time && item->has & ITEM_HAS(LEFT))
        tell_time(telling->out, item->left_us);
}

static void tell_who(const struct telling *telling, const struct item *item)
{
    if (item->has & ITEM_HAS(PROGRAM))
        buffer_printf(telling->out, " by %.*s", (int)item->program.size,
                      (const char *)item->program.bytes);
    if (item->has & ITEM_HAS(UID) && item->uid != telling->state->own_user)
        buffer_printf(telling->out, "@%u", item->uid);
    if (telling->scenario->virtual_time && item->has & ITEM_HAS(AGE))
        tell_time(telling->out, item->age_us);
}

static void tell_ordinal(struct buffer *out, uint32_t number)
{
    static const char *const ordinals[] = {"1st", "2nd", "3rd"};
    if (number < 3)
        buffer_printf(out, " by its %s", ordinals[number]);
    else
        buffer_printf(out, " by its %uth", number + 1);
}

static void tell_item(const struct telling *telling, const struct item *item)
{
    buffer_printf(telling->out, " #%d", scenario_name(telling->state, item->id, item->priority));
    tell_reason(telling->out, item);
    tell_state(telling, item);
    tell_who(telling, item);
}

static void keep(const struct telling *telling, const struct scenario_came *came,
                 const struct item *item)
{
    if (came->delivery || item->has & ITEM_HAS(TOKEN))
        scenario_keep(telling->state, came->party, item, came->delivery);
}

static void tell_items(const struct telling *telling, const struct scenario_came *came)
{
    for (int i = 0; i < came->item_count; i++) {
        const struct item *item = &telling->state->items[came->items + i];
        const uint32_t of = item->has & ITEM_HAS(OF) ? item->of : came->alternative;
        tell_item(telling, item);
        if (of > 0)
            tell_ordinal(telling->out, of);
        keep(telling, came, item);
    }
    if (came->more)
        buffer_printf(telling->out, " more");
}

/* So many tuples that a unit has put, the first of which has that id. */
static void tell_puts(const struct telling *telling, uint64_t first,
                      const struct scenario_asked *asked)
{
    for (uint32_t i = 0; i < asked->puts; i++)
        buffer_printf(telling->out, " #%d",
                      scenario_name(telling->state, first + i, asked->priority));
}

/* What each guard found: "takes #1 reads #2 holds #3", then what the body put. */
static void tell_atomic(const struct telling *telling, const struct scenario_came *came)
{
    static const char *const verbs[TSD_GUARD_END] = {
        [TSD_GUARD_IN] = "takes", [TSD_GUARD_RD] = "reads", [TSD_GUARD_HOLD] = "holds"};
    const struct scenario_asked *asked = telling_asked(telling, came);
    uint32_t guard = 0;
    for (int i = 0; i < came->item_count; i++, guard++) {
        const struct item *item = &telling->state->items[came->items + i];
        while (guard < asked->alternatives && asked->guards[guard] == TSD_GUARD_ABSENT)
            guard++;
        if (guard >= asked->alternatives || (item->has & ITEM_HAS(OF) && item->of != guard))
            scenario_bad(telling->scenario, "an item that is of no guard", telling->step->text);
        buffer_printf(telling->out, " %s", verbs[asked->guards[guard]]);
        tell_item(telling, item);
        if (asked->guards[guard] != TSD_GUARD_RD)
            keep(telling, came, item);
    }
    if (asked->puts > 0 && came->value > 0) {
        buffer_printf(telling->out, " puts");
        tell_puts(telling, came->value, asked);
    } else if (came->item_count == 0) {
        buffer_printf(telling->out, " done");
    }
}

static void tell_rows(const struct telling *telling, const struct scenario_came *came)
{
    struct buffer *out = telling->out;
    for (int i = 0; i < came->row_count; i++) {
        const struct space_row *row = &telling->state->rows[came->rows + i];
        buffer_printf(out, "%s %.*s %llu", i ? ";" : "", (int)row->name.size,
                      (const char *)row->name.bytes, (unsigned long long)row->tuples);
        const struct {
            const char *name;
            uint64_t value;
        } told[] = {{"kept", row->kept},
                    {"delayed", row->delayed},
                    {"waiting", row->waiting},
                    {"watches", row->watches},
                    {"capacity", row->capacity},
                    {"max-returns", row->max_returns >= UINT32_MAX ? 0 : row->max_returns}};
        for (size_t j = 0; j < sizeof told / sizeof told[0]; j++)
            if (told[j].value > 0)
                buffer_printf(out, " %s %llu", told[j].name, (unsigned long long)told[j].value);
        if (row->dead_letter.size > 0)
            buffer_printf(out, " dead-letter %.*s", (int)row->dead_letter.size,
                          (const char *)row->dead_letter.bytes);
    }
    if (came->row_count == 0)
        buffer_printf(out, " none");
}

static void tell_explained(const struct telling *telling, const struct scenario_came *came)
{
    const bool stored = !(telling->step->request.has & TSD_HAS(TUPLE));
    if (!stored || !came->value)
        buffer_printf(telling->out, came->value ? " matches" : " none");
    for (int i = 0; i < came->item_count; i++) {
        if (i == (came->value != 0))
            buffer_printf(telling->out, " near");
        tell_item(telling, &telling->state->items[came->items + i]);
    }
}

static void tell_done(const struct telling *telling, const struct scenario_came *came)
{
    struct buffer *out = telling->out;
    const struct scenario_asked *asked = telling_asked(telling, came);
    switch (asked->op) {
    case TSD_OP_OUT:
    case TSD_OP_FINISH:
        if (asked->puts == 0)
            buffer_printf(out, " done");
        tell_puts(telling, came->value, asked);
        break;
    case TSD_OP_IN:
    case TSD_OP_RD:
    case TSD_OP_HOLD:
        buffer_printf(out, asked->op == TSD_OP_IN   ? " takes"
                           : asked->op == TSD_OP_RD ? " reads"
                                                    : " holds");
        tell_items(telling, came);
        break;
    case TSD_OP_ATOMIC:
        tell_atomic(telling, came);
        break;
    case TSD_OP_SCAN:
        if (came->item_count == 0)
            buffer_printf(out, " none");
        tell_items(telling, came);
        break;
    case TSD_OP_EXPLAIN:
        tell_explained(telling, came);
        break;
    case TSD_OP_COUNT:
    case TSD_OP_COLLECT:
    case TSD_OP_COPY:
        buffer_printf(out, " %llu%s", (unsigned long long)came->value, came->more ? " more" : "");
        break;
    case TSD_OP_SPACES:
        tell_rows(telling, came);
        break;
    case TSD_OP_DRAINED:
        buffer_printf(out, " drained");
        break;
    default:
        buffer_printf(out, " done");
    }
}

static void tell_event(const struct telling *telling, const struct scenario_came *came)
{
    static const char *const events[TSD_EVENT_END] = {
#define EVENT(number, NAME, name, what) [number] = name,
        TSD_EVENTS(EVENT)
#undef EVENT
    };
    buffer_printf(telling->out, " %s", events[came->event]);
    for (int i = 0; i < came->item_count; i++)
        tell_item(telling, &telling->state->items[came->items + i]);
}

static void tell_outcome(const struct telling *telling, const struct scenario_came *came)
{
    static const char *const outcomes[] = {
        [TS_NOMATCH] = "none",
        [TS_TIMEOUT] = "times out",
        [TS_CANCELLED] = "cancelled",
        [TS_MALFORMED] = "refused: malformed",
        [TS_LIMIT] = "refused: limit",
        [TS_FULL] = "full",
        [TS_REMOVED] = "removed",
        [TS_DENIED] = "refused: denied",
        [TS_LATE] = "late",
        [TS_CROSS_STORE] = "refused: cross-store",
        [TS_INVALID] = "refused: invalid",
    };
    const size_t known = sizeof outcomes / sizeof outcomes[0];
    if (came->status < known && outcomes[came->status])
        buffer_printf(telling->out, " %s", outcomes[came->status]);
    else
        buffer_printf(telling->out, " status %d", (int)came->status);
}

void telling_print(const struct telling *telling, const struct scenario_came *came)
{
    struct buffer *out = telling->out;
    struct scenario_party *party = &telling->state->parties[came->party];
    if (out->size > 0)
        buffer_printf(out, ";");
    if (!telling_own(telling, came)) {
        buffer_printf(out, "%s%c", out->size > 0 ? " " : "", 'a' + came->party);
        if (party->open_before > 1)
            buffer_printf(out, "/%llu", (unsigned long long)came->number);
    }
    if (came->event) {
        tell_event(telling, came);
        return;
    }
    if (came->status != TS_OK) {
        tell_outcome(telling, came);
    } else if (came->repeated) {
        buffer_printf(out, " repeated");
        if (came->value)
            buffer_printf(out, " #%d", scenario_name(telling->state, came->value, 0));
    } else {
        tell_done(telling, came);
    }
    party->asked[came->number].open = false;
    party->open--;
}
