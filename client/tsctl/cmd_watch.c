/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tsctl/clock.h"
#include "tsctl/command.h"
#include "tsctl/complain.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"
#include "tsctl/output.h"
#include "tsctl/quantity.h"
#include "tsctl/record.h"
#include "tsctl/refused.h"
#include "tsctl/told.h"
#include "tsctl/words.h"

/* One name of the list, which ends at a comma or where the text does. */
static int add_event(struct options *options, const char *name, size_t length)
{
    for (unsigned event = TSD_EVENT_PUT; event <= TSD_EVENT_EXPIRED; event++) {
        const char *known = told_event(event);
        if (strlen(known) == length && memcmp(known, name, length) == 0) {
            options->events |= 1u << event;
            return 0;
        }
    }
    complain("--events: no event '%.*s'", (int)length, name);
    complain_hint("there are put, taken, returned and expired; ready and gap always come");
    return EXIT_USAGE;
}

static int set_events(struct options *options, char **values)
{
    const char *at = values[0];
    for (;;) {
        size_t length = strcspn(at, ",");
        int status = add_event(options, at, length);
        if (status != 0 || at[length] == '\0')
            return status;
        at += length + 1;
    }
}

static const struct option_spec watch_options[] = {
    {"now", 0, NULL, "first what is stored, as put, then ready",
     .flag = offsetof(struct options, now)},
    {"events", 0, "LIST", "only these: put,taken,returned,expired", .set = set_events,
     .completes = COMPLETE_LIST, .choices = "put taken returned expired"},
    {0},
};

static const char *const watch_examples[] = {
    "tsctl out '[\"log\", \"one\"]' '[\"log\", \"two\"]'",
    "tsctl watch --now -n 2 '[\"log\", ?str]'",
    "tsctl watch --now -n 1 -f 2 '[\"log\", \"two\"]'",
    "tsctl watch --events put -t 0.2 '[\"log\", ?str]' || test $? = 3",
    NULL,
};

struct watch {
    struct call *call;
    ts_client *client;
    ts_values pattern;
    struct output output;
    struct record record;
    uint64_t number;
    uint64_t left; /* how many more events of tuples */
    uint64_t end_us;
    bool gap; /* the last event was one: it begins anew */
};

/* Adds the event; with -f only those fields of its tuple. */
static void add(struct watch *watch, const ts_event *event)
{
    watch->gap = event->kind == TSD_EVENT_GAP;
    if (event->tuple != NULL && watch->left != COUNT_ALL)
        watch->left--;
    if (watch->call->options.fields.count > 0) {
        if (event->tuple != NULL)
            output_tuple(&watch->output, event->tuple->bytes);
        return;
    }
    record_str(&watch->record, "event", told_event(event->kind));
    if (event->tuple != NULL)
        told_tuple(&watch->record, event->tuple);
    record_print(&watch->record, &watch->output);
}

/* Seconds until the time of -t is over. */
static double time_left(const struct watch *watch)
{
    if (!watch->call->options.has_timeout)
        return TS_FOREVER;
    uint64_t now_us = clock_now_us();
    return now_us < watch->end_us ? quantity_seconds(watch->end_us - now_us) : 0;
}

/* The next event; what was added is written before it waits for one. */
static ts_status next_event(struct watch *watch, const ts_event **event, int *written)
{
    ts_status status = ts_watch_next(watch->client, watch->number, 0, event);
    if (status == TS_OK || (*written = output_flush(&watch->output)) != 0)
        return status;
    double left = status == TS_NOMATCH ? time_left(watch) : 0;
    return left > 0 ? ts_watch_next(watch->client, watch->number, left, event) : status;
}

/* Follows one watch to its end. */
static int follow(struct watch *watch)
{
    const ts_event *event;
    ts_status status = TS_OK;
    int written = 0;
    while (watch->left > 0 && status == TS_OK && written == 0) {
        status = next_event(watch, &event, &written);
        if (status == TS_OK)
            add(watch, event);
    }
    if (written != 0)
        return written;
    if (status == TS_OK)
        return output_flush(&watch->output);
    if (status == TS_NOMATCH || status == TS_TIMEOUT)
        return EXIT_TIMED_OUT;
    return status == TS_LIMIT && watch->gap ? 0 : refused_exit(watch->call, watch->client, status);
}

/* Begins anew after each gap: what is said after it is all that is stored, where --now asked for it. */
static int follow_all(struct watch *watch)
{
    const ts_watch_options options = {.now = watch->call->options.now,
                                      .events = watch->call->options.events};
    int status = 0;
    do {
        watch->gap = false;
        ts_status begun =
            ts_watch(watch->client, watch->pattern, &options, NULL, NULL, &watch->number);
        if (begun != TS_OK)
            return refused_exit(watch->call, watch->client, begun);
        status = follow(watch);
    } while (status == 0 && watch->left > 0);
    return status;
}

static int run_watch(struct call *call)
{
    const struct options *options = &call->options;
    if (options->has_count && options->min > 1)
        return complain_usage("--count: watch ends after N events, so it takes N or all, not M..N");
    int status = options->fields.count > 0 ? output_check_tuples(options) : record_check(options);
    if (status != 0)
        return status;
    struct word_list pattern = {0};
    struct watch watch = {.call = call, .left = options->has_count ? options->max : COUNT_ALL};
    output_init(&watch.output, options);
    status = words_read_pattern_or_any(call, &pattern);
    if (status == 0)
        watch.client = connect_daemon(call, &status);
    if (watch.client != NULL) {
        watch.pattern = pattern.values[0];
        watch.end_us = clock_now_us() + options->timeout_us;
        status = follow_all(&watch);
        ts_disconnect(watch.client);
    }
    record_deinit(&watch.record);
    output_deinit(&watch.output);
    word_list_deinit(&pattern);
    return status;
}

const struct command cmd_watch = {
    .name = "watch",
    .arguments = "[PATTERN]",
    .summary = "print what happens to tuples, an event a line",
    .options = watch_options,
    .uses = USE_TIMEOUT | USE_COUNT,
    .help = "Prints an object for each event: a tuple can be seen (put), was taken, returned\n"
            "to its place, or expired; ready: from here on all are told. It takes nothing.\n"
            "Ends after -n events of tuples, or when the time of -t is over, with status 3.\n"
            "Where it cannot keep up there is the event gap, and it begins anew. -f prints\n"
            "these fields of the tuples alone.\n",
    .examples = watch_examples,
    .run = run_watch,
};
