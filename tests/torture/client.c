/* SPDX-License-Identifier: MIT */
/* A client process: two connections that ask, wait for much at once, break off, begin again. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "torture/torture.h"

enum { LINKS = 2 };

struct life {
    struct client client;
    struct recorder recorder;
    const char *socket;
    struct link links[LINKS];
    uint64_t connections;
    struct request request;
};

static void remember_item(struct link *link, const struct reply *reply, const struct item *item,
                          enum tsd_operation op)
{
    link->seen[link->seen_count < SEEN ? link->seen_count++ : item->id % SEEN] = item->id;
    if (item->has & ITEM_HAS(TOKEN)) {
        link->holds[link->hold_count < HOLDS ? link->hold_count++ : item->id % HOLDS] = item->token;
    } else if (reply->extras.has & REPLY_HAS(DELIVERY) && op == TSD_OP_IN) {
        if (link->delivery_count == DELIVERIES)
            link->delivery_count = 0;
        link->deliveries[link->delivery_count++] =
            (struct token){.delivery = true, .number = reply->extras.delivery, .secret = item->id};
    }
}

static bool gives_items(enum tsd_operation op)
{
    return op == TSD_OP_IN || op == TSD_OP_RD || op == TSD_OP_HOLD || op == TSD_OP_ATOMIC;
}

static void answered(void *context, struct link *link, const struct reply *reply)
{
    const uint8_t *p = NULL;
    struct item item;
    unsigned at = 0;
    (void)context;
    while (at < link->pending_count && link->pending[at].number != reply->number)
        at++;
    if (at == link->pending_count)
        return;
    const enum tsd_operation op = link->pending[at].op;
    if (op == TSD_OP_WATCH && reply->status == TS_OK)
        return; /* it goes on */
    link->pending[at] = link->pending[--link->pending_count];
    if (reply->extras.has & REPLY_HAS(DELIVERY))
        link->read_delivery = reply->extras.delivery;
    if (reply->status == TS_OK && gives_items(op))
        while (reply_next_item(reply, &p, &item) == 1)
            remember_item(link, reply, &item, op);
}

/* Without an answer, or half read: what was under way is unknown. */
static void begin_again(struct life *life, struct link *link)
{
    if (link->fd >= 0)
        link_close(link);
    if (link_open(link, life->socket, &life->recorder, ++life->connections) < 0)
        _exit(0); /* the daemon is gone: whoever started it knows why */
}

static int send_request(struct life *life, struct link *link)
{
    const struct request *request = &life->request;
    struct pending *pending = &link->pending[link->pending_count++];
    const int sent = link_ask(link, &life->request);
    *pending = (struct pending){.number = request->number, .op = request->op};
    return sent;
}

/* The same keyed request on a new connection, whether or not the first one was done (rule S28). */
static void try_again(struct life *life, struct link *link)
{
    ask_kept(&life->client, &life->request);
    if (send_request(life, link) < 0)
        begin_again(life, link);
}

static void break_off(struct life *life, struct link *link)
{
    struct client *client = &life->client;
    const bool keyed = link->pending_count < OUTSTANDING && dice_one_in(&client->dice, 2);
    if (keyed) {
        msgpack_packer packer = buffer_packer(&client->bytes);
        (void)snprintf(client->kept_key, sizeof client->kept_key, "once %u %llu", client->number,
                       (unsigned long long)++client->tuples);
        buffer_clear(&client->bytes);
        msgpack_pack_array(&packer, 3);
        msgpack_pack_int(&packer, 1);
        msgpack_pack_uint32(&packer, client->number);
        msgpack_pack_uint64(&packer, client->tuples);
        client->kept_size = (uint32_t)client->bytes.size;
        memcpy(client->kept_tuple, client->bytes.bytes, client->kept_size);
        ask_kept(client, &life->request);
        (void)send_request(life, link);
    } else if (link->pending_count < OUTSTANDING && dice_one_in(&client->dice, 2)) {
        memset(&life->request, 0, sizeof life->request);
        life->request.op = TSD_OP_CLOSE;
        life->request.ack = link->read_delivery;
        (void)send_request(life, link);
        while (link_read(link, 2000, answered, NULL) > 0) {
        }
    }
    begin_again(life, link);
    if (keyed)
        try_again(life, link);
}

static void turn(struct life *life, struct link *link)
{
    struct dice *dice = &life->client.dice;
    if (dice_one_in(dice, 400))
        break_off(life, link);
    while (link->pending_count < OUTSTANDING && !dice_one_in(dice, 3)) {
        ask_something(&life->client, link, &life->request);
        if (send_request(life, link) < 0) {
            begin_again(life, link);
            return;
        }
    }
    /* waits for ever are ended by a cancel: it is asked in between */
    if (link->pending_count == OUTSTANDING) {
        memset(&life->request, 0, sizeof life->request);
        life->request.op = TSD_OP_CANCEL;
        life->request.ack = link->read_delivery;
        life->request.target = link->pending[dice_below(dice, OUTSTANDING)].number;
        if (link_ask(link, &life->request) < 0)
            begin_again(life, link);
    }
}

void run_client(const char *socket, const char *folder, uint32_t number, uint64_t seed)
{
    static struct life life;
    char name[32];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    life.client = (struct client){.number = number, .dice = {seed}};
    life.socket = socket;
    (void)snprintf(name, sizeof name, "client-%06u", number);
    if (recorder_open(&life.recorder, folder, name, number) < 0)
        _exit(3);
    for (int i = 0; i < LINKS; i++)
        life.links[i].fd = -1;
    for (int i = 0; i < LINKS; i++)
        begin_again(&life, &life.links[i]);
    for (;;) {
        struct pollfd ready[LINKS];
        for (int i = 0; i < LINKS; i++) {
            turn(&life, &life.links[i]);
            ready[i] = (struct pollfd){.fd = life.links[i].fd, .events = POLLIN};
        }
        poll(NULL, 0, 1 + (int)dice_below(&life.client.dice, 8)); /* a thought */
        (void)poll(ready, LINKS, 5);
        for (int i = 0; i < LINKS; i++)
            if (link_read(&life.links[i], 0, answered, NULL) < 0)
                begin_again(&life, &life.links[i]);
    }
}
