/* SPDX-License-Identifier: MIT */
/* Clients that ask at random, in a time of their own; some die. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "history/simulate.h"

enum { CLIENTS = 40, OUTSTANDING = 4, UNREAD = 64, HOLDS = 8 };

struct player {
    int session;
    bool dead;
    uint64_t numbers, read_delivery;
    int flight[OUTSTANDING * 8], unread[UNREAD]; /* ops */
    size_t flight_count, unread_count, outstanding;
    uint64_t holds[HOLDS];
    size_t hold_count;
};

struct timer {
    uint64_t due_ns;
    bool hold;
    int op;
    uint64_t number; /* of the hold */
};

struct game {
    struct sim sim;
    struct sim_history *made;
    const struct sim_wish *wish;
    struct dice *dice;
    struct player players[CLIENTS];
    uint64_t *deliveries; /* by session */
    size_t delivery_capacity;
    struct timer *timers;
    size_t timer_count, timer_capacity;
    uint64_t now_ns;
    uint32_t numbers; /* of tuples */
};

static struct sim_op *add_op(struct sim_history *made, int session, enum tsd_operation kind)
{
    made->ops = grow(made->ops, made->op_count, &made->op_capacity, sizeof *made->ops);
    struct sim_op *op = &made->ops[made->op_count++];
    *op = (struct sim_op){.session = session, .op = kind, .min = 1, .max = 1};
    return op;
}

static int add_session(struct game *game)
{
    struct sim_history *made = game->made;
    made->sessions =
        grow(made->sessions, made->session_count, &made->session_capacity, sizeof *made->sessions);
    made->sessions[made->session_count] = (struct sim_session){0};
    game->deliveries = grow(game->deliveries, made->session_count, &game->delivery_capacity,
                            sizeof *game->deliveries);
    game->deliveries[made->session_count] = 0;
    return (int)made->session_count++;
}

/* What the daemon did: events are told at once, answers go to whoever asked. */
static void record(struct game *game, const struct sim_done *done)
{
    struct sim_history *made = game->made;
    for (size_t i = 0; i < done->event_count; i++) {
        made->events =
            grow(made->events, made->event_count, &made->event_capacity, sizeof *made->events);
        made->events[made->event_count] = done->events[i];
        made->events[made->event_count++].time_ns = game->now_ns;
    }
    for (size_t i = 0; i < done->answer_count; i++) {
        struct sim_op *op = &made->ops[done->answers[i].op];
        *op = done->answers[i].answer;
        op->answered = false; /* until it is read */
        op->taken_up = op->done = true;
        for (int p = 0; p < game->wish->clients; p++) {
            struct player *player = &game->players[p];
            if (player->session == op->session && player->unread_count < UNREAD)
                player->unread[player->unread_count++] = done->answers[i].op;
        }
        for (uint32_t k = 0; op->hold_us && k < op->item_count; k++) {
            game->timers =
                grow(game->timers, game->timer_count, &game->timer_capacity, sizeof *game->timers);
            game->timers[game->timer_count++] = (struct timer){
                game->now_ns + 1000 * op->hold_us, true, done->answers[i].op, op->items[k].hold};
        }
    }
}

/* --- What clients do --- */

static void ask_out(struct game *game, struct sim_op *op)
{
    op->op = TSD_OP_OUT;
    op->put_count = 1 + (uint32_t)(dice_below(game->dice, 3) == 0 ? dice_below(game->dice, 3) : 0);
    op->put_kind = (uint8_t)(1 + dice_below(game->dice, 3));
    op->priority = dice_below(game->dice, 6) == 0;
    for (uint32_t i = 0; i < op->put_count; i++)
        op->puts[i] = ++game->numbers;
    if (game->wish->keys && dice_below(game->dice, 4) == 0)
        op->key = 1 + (uint32_t)dice_below(game->dice, 6);
}

static void ask_match(struct game *game, struct sim_op *op)
{
    const uint64_t which = dice_below(game->dice, 8);
    op->op = which < 4 ? TSD_OP_IN : which < 6 || !game->wish->holds ? TSD_OP_RD : TSD_OP_HOLD;
    op->kind = (uint8_t)dice_below(game->dice, 4);
    op->has_timeout = true;
    op->timeout_us = dice_below(game->dice, 2) ? 0 : 1 + dice_below(game->dice, 400);
    if (dice_below(game->dice, 4) == 0) {
        op->min = 1 + (uint32_t)dice_below(game->dice, 2);
        op->max = op->min + (uint32_t)dice_below(game->dice, 3);
    }
    if (op->op == TSD_OP_HOLD && dice_below(game->dice, 2))
        op->hold_us = 1 + dice_below(game->dice, 300);
}

static void ask_settle(struct game *game, struct player *player, struct sim_op *op)
{
    const size_t which = dice_below(game->dice, player->hold_count);
    op->op = dice_below(game->dice, 3) ? TSD_OP_FINISH : TSD_OP_RELEASE;
    op->token = player->holds[which];
    player->holds[which] = player->holds[--player->hold_count];
    op->put_kind = 3;
    op->put_count = op->op == TSD_OP_FINISH ? (uint32_t)dice_below(game->dice, 3) : 0;
    for (uint32_t i = 0; i < op->put_count; i++)
        op->puts[i] = ++game->numbers;
}

/* A request of this player that waits, else 0. */
static uint64_t waiting_number(const struct game *game, const struct player *player)
{
    for (size_t i = 0; i < game->sim.wait_count; i++) {
        const struct sim_op *op = &game->made->ops[game->sim.waits[i].op];
        if (op->session == player->session)
            return op->number;
    }
    return 0;
}

static void ask(struct game *game, struct player *player)
{
    if (player->dead || player->outstanding >= OUTSTANDING)
        return;
    struct sim_op *op = add_op(game->made, player->session, TSD_OP_OUT);
    const uint64_t target = waiting_number(game, player);
    op->space = dice_below(game->dice, 4) == 0;
    op->number = ++player->numbers;
    op->call_ns = game->now_ns;
    op->ack = dice_below(game->dice, 5) ? player->read_delivery : 0;
    if (player->hold_count > 0 && dice_below(game->dice, 2))
        ask_settle(game, player, op);
    else if (target && dice_below(game->dice, 4) == 0) {
        op->op = TSD_OP_CANCEL;
        op->target = target;
    } else if (dice_below(game->dice, 120) > game->sim.tuple_count)
        if (dice_below(game->dice, 2))
            ask_out(game, op);
        else
            ask_match(game, op);
    else
        ask_match(game, op);
    player->flight[player->flight_count++] = (int)game->made->op_count - 1;
    player->outstanding++;
}

static void read_one(struct game *game, struct player *player)
{
    if (player->dead || player->unread_count == 0)
        return;
    struct sim_op *op = &game->made->ops[player->unread[0]];
    memmove(player->unread, player->unread + 1, --player->unread_count * sizeof player->unread[0]);
    op->answered = true;
    op->answer_ns = game->now_ns;
    player->outstanding--;
    if (op->delivery > player->read_delivery)
        player->read_delivery = op->delivery;
    for (uint32_t i = 0; op->op == TSD_OP_HOLD && i < op->item_count; i++)
        if (player->hold_count < HOLDS)
            player->holds[player->hold_count++] = op->items[i].hold;
}

/* --- What the daemon does --- */

static void end_player(struct game *game, struct player *player)
{
    struct sim_done done = {0};
    sim_end(&game->sim, game->made, player->session, game->deliveries, &done);
    record(game, &done);
    *player = (struct player){.session = add_session(game)};
}

static void take_up(struct game *game, struct player *player)
{
    struct sim_done done = {0};
    if (player->dead && (player->flight_count == 0 || dice_below(game->dice, 3) == 0)) {
        end_player(game, player);
        return;
    }
    if (player->flight_count == 0)
        return;
    const int op = player->flight[0];
    memmove(player->flight, player->flight + 1, --player->flight_count * sizeof player->flight[0]);
    game->made->ops[op].taken_up = true;
    sim_take_up(&game->sim, game->made, op, game->deliveries, &done);
    record(game, &done);
    if (!game->made->ops[op].done && game->made->ops[op].has_timeout) {
        game->timers =
            grow(game->timers, game->timer_count, &game->timer_capacity, sizeof *game->timers);
        game->timers[game->timer_count++] =
            (struct timer){game->now_ns + 1000 * game->made->ops[op].timeout_us, false, op, 0};
    }
}

static void fire_timers(struct game *game)
{
    for (size_t i = 0; i < game->timer_count;) {
        const struct timer timer = game->timers[i];
        struct sim_done done = {0};
        if (timer.due_ns > game->now_ns) {
            i++;
            continue;
        }
        game->timers[i] = game->timers[--game->timer_count];
        if (timer.hold)
            sim_hold_ends(&game->sim, game->made, timer.number, game->deliveries, &done);
        else if (sim_waits(&game->sim, timer.op))
            sim_time_out(&game->sim, game->made, timer.op, &done);
        record(game, &done);
        i = 0;
    }
}

static void step(struct game *game)
{
    struct player *player = &game->players[dice_below(game->dice, (uint64_t)game->wish->clients)];
    game->now_ns += 1000 * (1 + dice_below(game->dice, 3));
    fire_timers(game);
    switch (dice_below(game->dice, 3)) {
    case 0:
        ask(game, player);
        break;
    case 1:
        read_one(game, player);
        break;
    default:
        take_up(game, player);
    }
    if (game->wish->kills && !player->dead && dice_below(game->dice, 60) == 0) {
        struct sim_session *session = &game->made->sessions[player->session];
        player->dead = true;
        *session = (struct sim_session){SESSION_LOST, game->now_ns, game->now_ns + 1000};
    }
}

/* All die; somebody else looks at what is left. */
static void finish(struct game *game)
{
    for (int i = 0; i < game->wish->clients; i++) {
        struct player *player = &game->players[i];
        struct sim_session *session = &game->made->sessions[player->session];
        game->now_ns += 1000;
        if (!player->dead)
            *session = (struct sim_session){SESSION_LOST, game->now_ns, game->now_ns + 1000};
        end_player(game, player);
    }
    const int session = add_session(game);
    game->made->last_scan = game->made->op_count;
    for (int space = 0; space < SIM_SPACES; space++) {
        struct sim_done done = {0};
        struct sim_op *op = add_op(game->made, session, TSD_OP_SCAN);
        op->space = (uint8_t)space;
        op->number = 1u + space;
        op->call_ns = game->now_ns += 1000;
        sim_take_up(&game->sim, game->made, (int)game->made->op_count - 1, game->deliveries, &done);
        record(game, &done);
        op = &game->made->ops[game->made->op_count - 1];
        op->answered = true;
        op->answer_ns = game->now_ns += 1000;
    }
}

void sim_generate(struct sim_history *made, const struct sim_wish *wish, struct dice *dice)
{
    struct game *game = array_new(1, sizeof *game);
    memset(game, 0, sizeof *game);
    *made = (struct sim_history){0};
    game->made = made;
    game->wish = wish;
    game->dice = dice;
    game->now_ns = 1000000;
    assert(wish->clients <= CLIENTS);
    sim_init(&game->sim);
    for (int i = 0; i < wish->clients; i++)
        game->players[i].session = add_session(game);
    while (made->op_count < wish->ops)
        step(game);
    finish(game);
    free(game->deliveries);
    free(game->timers);
    free(game);
}

void sim_history_deinit(struct sim_history *made)
{
    free(made->ops);
    free(made->events);
    free(made->sessions);
    *made = (struct sim_history){0};
}

static void *copy(const void *from, size_t count, size_t size)
{
    void *to = array_new(count + 1, size);
    if (count)
        memcpy(to, from, count * size);
    return to;
}

void sim_history_copy(struct sim_history *to, const struct sim_history *from)
{
    *to = *from;
    to->ops = copy(from->ops, from->op_count, sizeof *from->ops);
    to->events = copy(from->events, from->event_count, sizeof *from->events);
    to->sessions = copy(from->sessions, from->session_count, sizeof *from->sessions);
}
