/* SPDX-License-Identifier: MIT */
#include "tsctl/bulk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "protocol/utf8.h"
#include "tsctl/await.h"
#include "tsctl/batch.h"
#include "tsctl/complain.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"
#include "tsctl/gather.h"
#include "tsctl/input.h"
#include "tsctl/interrupt.h"
#include "tsctl/memory.h"
#include "tsctl/output.h"
#include "tsctl/progress.h"
#include "tsctl/putting.h"
#include "tsctl/quantity.h"

#define BATCH_TUPLES 1024
/* A MiB less what a frame has around its tuples, as values are limited by frame, too. */
#define BATCH_BYTES (MIB(1) - 64)
#define PATIENCE_MS 100 /* what is there is put when nothing more comes for so long */

struct bulk {
    struct call *call;
    ts_client *client;
    struct input input;
    struct output output;
    struct progress progress;
    struct batch *batch;
    uint64_t put;      /* tuples that went in */
    uint64_t put_line; /* the line up to which they did */
    uint64_t last;     /* the line of the batch's last tuple */
};

static const char *noun(const struct bulk *bulk)
{
    if (bulk->input.raw)
        return "tuple";
    return bulk->call->options.null ? "record" : "line";
}

static void complain_went_in(const struct bulk *bulk)
{
    char text[QUANTITY_TUPLES_SIZE];
    if (bulk->put == 0)
        complain_hint("nothing went in");
    else
        complain_hint("%s went in, up to %s %" PRIu64, quantity_tuples(bulk->put, text), noun(bulk),
                      bulk->put_line);
}

static int print_ids(struct bulk *bulk, uint64_t first)
{
    if (!bulk->call->options.ids)
        return 0;
    for (size_t i = 0; i < bulk->batch->count; i++)
        output_id(&bulk->output, first + i);
    return output_flush(&bulk->output);
}

static int on_put(void *context, ts_client *client, ts_status status, const ts_result *result)
{
    struct bulk *bulk = context;
    if (status == TS_CANCELLED) /* ^C while it waited for room */
        return 0;
    if (status != TS_OK) {
        progress_end(&bulk->progress);
        int exit_status = putting_exit(bulk->call, client, status, result->text);
        complain_went_in(bulk);
        return exit_status;
    }
    bulk->put += bulk->batch->count;
    bulk->put_line = bulk->last;
    progress_update(&bulk->progress, bulk->input.consumed, bulk->put);
    return print_ids(bulk, result->id);
}

/* Puts the batch; the last `keep` bytes in it belong to the next one. */
static int put_batch(struct bulk *bulk, size_t keep)
{
    if (bulk->batch->count == 0)
        return 0;
    ts_request request = putting_request(bulk->call);
    request.tuples = batch_values(bulk->batch);
    request.tuple_count = bulk->batch->count;
    int exit_status = await_answer(bulk->client, &request, on_put, bulk);
    batch_clear(bulk->batch, keep);
    return exit_status;
}

static int complain_record(struct bulk *bulk, const char *record, size_t size,
                           const struct problem *problem)
{
    progress_end(&bulk->progress);
    complain("%s %" PRIu64 ": %s", noun(bulk), bulk->input.number, problem->text);
    if (bulk->call->options.each != NULL) {
        const char *each = bulk->call->options.each;
        complain_at(each, strlen(each), problem->offset);
    } else if (!bulk->input.raw) {
        complain_at(record, size, problem->offset);
    }
    complain_went_in(bulk);
    return EXIT_USAGE;
}

/* Appends the tuple that the template makes of a record. */
static int read_each(struct bulk *bulk, const char *record, size_t size, struct problem *problem)
{
    struct options *options = &bulk->call->options;
    const char *place = strstr(options->each, "$line");
    if (!utf8_is_valid(record, size))
        return problem_set(problem, TS_MALFORMED,
                           place != NULL ? (size_t)(place - options->each) : 0,
                           "$line is not valid UTF-8, so it cannot be a str");
    named_set_str(&options->named, "line", record, size);
    struct text_names names = named_for_text(&options->named);
    int failed =
        text_read_tuple(options->each, strlen(options->each), &names, &bulk->batch->bytes, problem);
    memory_check(!bulk->batch->bytes.failed);
    return failed;
}

static bool is_blank(const struct bulk *bulk, const char *record, size_t size)
{
    return !bulk->input.raw && bulk->call->options.each == NULL && gather_is_blank(record, size);
}

/* One more tuple is in the batch's bytes: counts it, puts those before it where it is too much. */
static int add_to_batch(struct bulk *bulk, size_t size)
{
    struct batch *batch = bulk->batch;
    int status = 0;
    if (bulk->call->options.atomic) {
        if (batch->count == LIMIT_UNIT_TUPLES) {
            progress_end(&bulk->progress);
            complain("%s %" PRIu64 ": a unit has at most %d tuples", noun(bulk), bulk->input.number,
                     LIMIT_UNIT_TUPLES);
            complain_hint("nothing went in; without --atomic batches of 1024 are put");
            return EXIT_REFUSED;
        }
    } else if (batch->bytes.size > BATCH_BYTES) {
        status = put_batch(bulk, size);
    }
    batch_count(batch, size);
    bulk->last = bulk->input.number;
    if (status == 0 && batch->count == BATCH_TUPLES && !bulk->call->options.atomic)
        status = put_batch(bulk, 0);
    return status;
}

static int take_record(struct bulk *bulk, const char *record, size_t size)
{
    if (is_blank(bulk, record, size))
        return 0;
    struct problem problem;
    size_t before = bulk->batch->bytes.size;
    int failed =
        bulk->call->options.each != NULL
            ? read_each(bulk, record, size, &problem)
            : input_read_tuple(&bulk->call->options, record, size, &bulk->batch->bytes, &problem);
    if (failed != 0)
        return complain_record(bulk, record, size, &problem);
    return add_to_batch(bulk, bulk->batch->bytes.size - before);
}

static int put_all(struct bulk *bulk)
{
    bool atomic = bulk->call->options.atomic;
    while (interrupt_caught() == 0) {
        const char *record;
        size_t size;
        bool pending = bulk->batch->count > 0 && !atomic;
        int status = 0;
        switch (input_next(&bulk->input, pending ? PATIENCE_MS : -1, &record, &size)) {
        case INPUT_RECORD:
            status = take_record(bulk, record, size);
            break;
        case INPUT_IDLE:
            status = put_batch(bulk, 0);
            break;
        case INPUT_END:
            return put_batch(bulk, 0);
        case INPUT_INTERRUPTED:
            return 0;
        case INPUT_FAILED:
            complain_went_in(bulk);
            return EXIT_USAGE;
        }
        if (status != 0)
            return status;
    }
    return 0;
}

/* ^C ends it between two batches, so that what is said is exact. */
static void complain_interrupted(struct bulk *bulk)
{
    if (isatty(STDERR_FILENO))
        (void)fputs("\r\033[K", stderr); /* the ^C that the terminal shows */
    complain("interrupted");
    complain_went_in(bulk);
}

/* The template with an empty line, so that what is wrong with it shows before anything is read. */
static int check_template(struct call *call)
{
    const char *each = call->options.each;
    if (each == NULL)
        return 0;
    named_set_str(&call->options.named, "line", "", 0);
    struct text_names names = named_for_text(&call->options.named);
    struct buffer bytes = BUFFER_INIT;
    struct problem problem;
    int failed = text_read_tuple(each, strlen(each), &names, &bytes, &problem);
    buffer_deinit(&bytes);
    if (failed == 0)
        return 0;
    complain("--each: %s", problem.text);
    complain_at(each, strlen(each), problem.offset);
    complain_hint("such as --each '[\"file\", $line]'");
    return EXIT_USAGE;
}

int bulk_out(struct call *call)
{
    int status = check_template(call);
    struct bulk bulk = {.call = call};
    if (status == 0)
        bulk.client = connect_daemon(call, &status);
    if (bulk.client == NULL)
        return status;
    input_init(&bulk.input, STDIN_FILENO, &call->options);
    if (call->options.each != NULL)
        bulk.input.raw = false;
    output_init(&bulk.output, &call->options);
    progress_init(&bulk.progress, STDIN_FILENO, call->options.quiet);
    bulk.batch = memory_resize(NULL, sizeof(*bulk.batch));
    bulk.batch->bytes = BUFFER_INIT;
    bulk.batch->count = 0;
    interrupt_catch();
    status = put_all(&bulk);
    if (status == 0 && interrupt_caught() == 0)
        progress_done(&bulk.progress, bulk.put);
    progress_end(&bulk.progress);
    if (status == 0 && interrupt_caught() != 0)
        complain_interrupted(&bulk);
    buffer_deinit(&bulk.batch->bytes);
    free(bulk.batch);
    output_deinit(&bulk.output);
    input_deinit(&bulk.input);
    ts_disconnect(bulk.client);
    interrupt_end();
    return status;
}
