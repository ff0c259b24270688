/* SPDX-License-Identifier: MIT */
#include "lib/scenario_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/value.h"

static int room_for(int count, int most, const char *what)
{
    if (count < most)
        return count;
    fprintf(stderr, "a scenario has more than %d %s\n", most, what);
    exit(2);
}

void party_comes(struct scenario_state *state, int party, uint64_t session, uint32_t user)
{
    state->parties[party] =
        (struct scenario_party){.there = true, .session = session, .user = user};
}

void party_ends(struct scenario_state *state, int party)
{
    state->parties[party].there = false;
    state->parties[party].open = 0;
}

int party_find(const struct scenario_state *state, uint64_t session)
{
    for (int i = 0; i < SCENARIO_SESSIONS; i++)
        if (state->parties[i].there && state->parties[i].session == session)
            return i;
    return -1;
}

/* Up to where a request acknowledges: a delivery that it names is kept back (rule S8). */
static uint64_t acknowledgement(const struct scenario_party *party, bool unread,
                                const struct request *request)
{
    uint64_t ack = unread ? party->acked : party->deliveries;
    const uint8_t *at = request->tokens.bytes;
    for (uint32_t i = 0; i < request->token_count; i++) {
        const struct token token = token_next(&at);
        if (token.delivery && token.number > party->acked && token.number <= ack)
            ack = token.number - 1;
    }
    return ack;
}

void party_asks(struct scenario_state *state, int party, bool unread, struct request *request)
{
    struct scenario_party *asks = &state->parties[party];
    asks->open_before = asks->open;
    request->number = 1 + (uint64_t)room_for((int)asks->requests, SCENARIO_REQUESTS, "requests");
    asks->requests = request->number;
    request->ack = asks->acked = acknowledgement(asks, unread, request);
    struct scenario_asked *asked = &asks->asked[request->number];
    *asked = (struct scenario_asked){.op = request->op,
                                     .open = true,
                                     .alternatives = request->alternative_count,
                                     .puts = request->tuple_count + request->body_puts,
                                     .priority = request->putting.priority};
    for (uint32_t i = 0; i < request->alternative_count; i++)
        asked->guards[i] = request->guards[i].kind;
    asks->open++;
}

struct scenario_came *scenario_came(struct scenario_state *state, int party, uint64_t number)
{
    const int order = room_for(state->came_count, SCENARIO_CAME, "answers in a step");
    struct scenario_came *came = &state->came[order];
    state->came_count++;
    *came = (struct scenario_came){.party = party,
                                   .number = number,
                                   .items = state->item_count,
                                   .rows = state->row_count,
                                   .order = order};
    return came;
}

static struct span copied(struct scenario_state *state, struct span name)
{
    char *to = state->names +
               room_for((int)(state->names_used + name.size), sizeof state->names,
                        "bytes of names in a step") -
               name.size;
    if (name.size > 0)
        memcpy(to, name.bytes, name.size);
    state->names_used += name.size;
    return (struct span){(const uint8_t *)to, name.size};
}

void scenario_item(struct scenario_state *state, struct scenario_came *came,
                   const struct item *item)
{
    struct item *to = &state->items[room_for(state->item_count, SCENARIO_ITEMS, "items in a step")];
    state->item_count++;
    came->item_count++;
    *to = *item;
    if (item->has & ITEM_HAS(PROGRAM))
        to->program = copied(state, item->program);
}

void scenario_row(struct scenario_state *state, struct scenario_came *came,
                  const struct space_row *row)
{
    struct space_row *to =
        &state->rows[room_for(state->row_count, SCENARIO_ITEMS, "spaces in a step")];
    state->row_count++;
    came->row_count++;
    *to = *row;
    to->name = copied(state, row->name);
    to->dead_letter = copied(state, row->dead_letter);
}

bool scenario_matches(const uint8_t *explained)
{
    struct value head, value;
    const uint8_t *p = value_read_trusted(explained, &head);
    for (uint32_t i = 0; i < head.length; i++) {
        p = value_read_trusted(p, &value);
        if (value.u64 == TSD_EXPLAIN_MATCHES) {
            value_read_trusted(p, &value);
            return value.boolean;
        }
        p = value_skip_trusted(p);
    }
    return false;
}

void scenario_forget_what_came(struct scenario_state *state)
{
    state->came_count = state->item_count = state->row_count = 0;
    state->names_used = 0;
    for (int i = 0; i < SCENARIO_SESSIONS; i++)
        state->parties[i].open_before = state->parties[i].open;
}

int scenario_name(struct scenario_state *state, uint64_t id, int8_t priority)
{
    for (int i = 1; i <= state->named; i++)
        if (state->ids[i] == id)
            return i;
    const int name = 1 + room_for(state->named, SCENARIO_TUPLES, "tuples");
    state->named = name;
    state->ids[name] = id;
    state->priorities[name] = priority;
    return name;
}

const struct scenario_kept *scenario_kept_of(const struct scenario_state *state, int party,
                                             uint64_t id)
{
    const struct scenario_kept *other = NULL;
    for (int i = state->kept_count; i-- > 0;) {
        const struct scenario_kept *kept = &state->kept[i];
        if (kept->id == id && kept->party == party)
            return kept;
        if (kept->id == id && !other)
            other = kept;
    }
    return other;
}

const struct scenario_kept *scenario_hold(const struct scenario_state *state, int n)
{
    for (int i = 0; i < state->kept_count; i++)
        if (!state->kept[i].token.delivery && --n == 0)
            return &state->kept[i];
    return NULL;
}

void scenario_keep(struct scenario_state *state, int party, const struct item *item,
                   uint64_t delivery)
{
    struct scenario_kept *kept =
        &state->kept[room_for(state->kept_count, SCENARIO_KEPT, "deliveries and holds")];
    *kept = (struct scenario_kept){.party = party, .id = item->id};
    if (item->has & ITEM_HAS(TOKEN))
        kept->token = item->token;
    else
        kept->token = (struct token){.delivery = true, .number = delivery, .secret = item->id};
    state->kept_count++;
}
