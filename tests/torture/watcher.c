/* SPDX-License-Identifier: MIT */
/* The process that follows everything in every space from the start, and writes it down. */
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "protocol/value.h"
#include "torture/torture.h"

/* The tuple that says that this space is over: the observer puts it last. */
static bool is_last(struct span tuple)
{
    struct value head, first;
    value_read_trusted(value_read_trusted(tuple.bytes, &head), &first);
    return head.length == 1 && first.type == VALUE_STR && first.length == 3 &&
           memcmp(first.bytes, "end", 3) == 0;
}

static void follow(void *context, struct link *link, const struct reply *reply)
{
    const uint8_t *p = NULL;
    struct event event;
    int *over = context;
    (void)link;
    if (reply->status != TS_OK)
        return;
    while (reply_next_event(reply, &p, &event) == 1)
        if (event.kind == TSD_EVENT_PUT && is_last(event.item.tuple))
            (*over)++;
}

static void watch(struct link *link, const char *space)
{
    static const uint8_t everything[] = {0x91, 0x91, TSD_M_REST};
    struct request request = {.op = TSD_OP_WATCH, .space = text_span(space), .min = 1, .max = 1};
    request.alternatives[0].space = request.space;
    request.alternatives[0].pattern.bytes = everything;
    request.alternatives[0].pattern.size = sizeof everything;
    request.alternative_count = 1;
    request.has = TSD_HAS(NOW);
    request.now = true;
    if (link_ask(link, &request) < 0)
        _exit(4);
}

void run_watcher(const char *socket, const char *folder, uint32_t number, int ready)
{
    static struct link link;
    struct recorder recorder;
    struct request ping = {.op = TSD_OP_PING};
    struct reply reply;
    int over = 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (recorder_open(&recorder, folder, "watcher", number) < 0 ||
        link_open(&link, socket, &recorder, 1) < 0)
        _exit(3);
    for (int i = 0; i < TORTURE_SPACES; i++)
        watch(&link, torture_spaces[i]);
    if (link_call(&link, &ping, &reply) != TS_OK || write(ready, "", 1) != 1)
        _exit(4);
    while (over < TORTURE_SPACES)
        if (link_read(&link, 1000, follow, &over) < 0)
            _exit(5);
    link_close(&link);
    _exit(0);
}
