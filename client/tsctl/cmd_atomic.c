/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "tsctl/await.h"
#include "tsctl/command.h"
#include "tsctl/complain.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"
#include "tsctl/interrupt.h"
#include "tsctl/memory.h"
#include "tsctl/output.h"
#include "tsctl/quantity.h"
#include "tsctl/record.h"
#include "tsctl/taken.h"
#include "tsctl/unit.h"

static int add_part(struct options *options, enum part_kind kind, const char *word)
{
    options->parts =
        memory_resize(options->parts, (options->part_count + 1) * sizeof(*options->parts));
    options->parts[options->part_count++] = (struct part){kind, word};
    return 0;
}

static int add_in(struct options *options, char **values)
{
    return add_part(options, PART_IN, values[0]);
}

static int add_hold(struct options *options, char **values)
{
    return add_part(options, PART_HOLD, values[0]);
}

static int add_rd(struct options *options, char **values)
{
    return add_part(options, PART_RD, values[0]);
}

static int add_absent(struct options *options, char **values)
{
    return add_part(options, PART_ABSENT, values[0]);
}

static int add_out(struct options *options, char **values)
{
    return add_part(options, PART_OUT, values[0]);
}

static int add_finish(struct options *options, char **values)
{
    return add_part(options, PART_FINISH, values[0]);
}

static const struct option_spec atomic_options[] = {
    {"in", 0, "PATTERN", "one matches, and is taken", .set = add_in},
    {"rd", 0, "PATTERN", "one matches", .set = add_rd},
    {"absent", 0, "PATTERN", "none is there or may come back", .set = add_absent},
    {"hold", 0, "PATTERN", "one matches, and is held until tsctl ends", .set = add_hold},
    {"for", 0, "DURATION", "--hold holds so long, and tokens are printed", .set = option_set_for},
    {"out", 0, "TUPLE", "put it; $1.2+3 is guard 1's field 2, plus 3", .set = add_out},
    {"finish", 0, "TOKEN", "consume a held tuple", .set = add_finish},
    {0},
};

static const char *const atomic_examples[] = {
    "tsctl atomic --absent '[\"v\", ?]' --out '[\"v\", 1]'",
    "tsctl atomic --in '[\"v\", 1]' --out '[\"v\", 2]'",
    "tsctl atomic --in '[\"v\", ?int]' --out '[\"v\", $1.2+1]'",
    "tsctl atomic -t 0 --absent '[\"v\", ...]' --out '[\"v\", 0]' || echo it is there",
    NULL,
};

struct asked {
    struct call *call;
    struct output output;
    struct record record;
    struct taken taken;
};

/* The tuple alone; or, where tokens are wanted, with its guard and token. */
static void add_tuple(struct asked *asked, const ts_tuple *tuple)
{
    char token[TS_TOKEN_TEXT];
    if (asked->call->options.hold_us == 0) {
        output_tuple(&asked->output, tuple->bytes);
    } else {
        record_uint(&asked->record, "guard", tuple->alternative + 1);
        record_value(&asked->record, "tuple", tuple->bytes, tuple->size);
        if (ts_token_text(&tuple->token, token) == TS_OK)
            record_str(&asked->record, "token", token);
        record_print(&asked->record, &asked->output);
    }
    if (tuple->token.number != 0) /* else it was read, or was final at once (rule S23) */
        taken_note(&asked->taken, &asked->output, &tuple->token);
}

/* The daemon's words name a guard's field as the wire does, from 0: which one is that here? */
static void hint_place(const char *text)
{
    unsigned guard, field;
    for (; *text != '\0'; text++)
        if (sscanf(text, "field %u of guard %u's tuple", &field, &guard) == 2 ||
            sscanf(text, "guard %u's tuple has no field %u", &guard, &field) == 2) {
            complain_hint("that is $%u.%u, which counts from 1", guard + 1, field + 1);
            return;
        }
}

static int on_answer(void *context, ts_client *client, ts_status status, const ts_result *result)
{
    struct asked *asked = context;
    if (status == TS_CANCELLED)
        return 0;
    if (status != TS_OK) {
        const int exit_status = connect_exit_text(asked->call, client, status, result->text);
        if (status == TS_INVALID)
            hint_place(result->text);
        return exit_status;
    }
    const ts_tuple *tuple;
    for (size_t i = 0; (tuple = ts_tuple_at(result, i)) != NULL; i++)
        add_tuple(asked, tuple);
    return taken_print(&asked->taken, asked->call, client, &asked->output);
}

static int ask(struct call *call, ts_client *client, const struct unit *unit)
{
    struct asked asked = {.call = call};
    ts_request request = {
        .operation = TSD_OP_ATOMIC,
        .guards = unit->guards,
        .guard_count = unit->guard_count,
        .steps = unit->steps,
        .step_count = unit->step_count,
        .timeout =
            call->options.has_timeout ? quantity_seconds(call->options.timeout_us) : TS_FOREVER,
    };
    output_init(&asked.output, &call->options);
    interrupt_catch();
    int status = await_answer(client, &request, on_answer, &asked);
    taken_deinit(&asked.taken);
    record_deinit(&asked.record);
    output_deinit(&asked.output);
    return status;
}

static bool has_guard(const struct options *options, const enum part_kind *wanted)
{
    for (size_t i = 0; i < options->part_count; i++)
        if (wanted != NULL ? options->parts[i].kind == *wanted : options->parts[i].kind < PART_OUT)
            return true;
    return false;
}

static int check(const struct call *call)
{
    const struct options *options = &call->options;
    static const enum part_kind hold = PART_HOLD;
    if (!has_guard(options, NULL)) {
        complain("atomic needs a guard: --in, --rd, --hold or --absent");
        complain_hint("such as tsctl atomic --in '[\"v\", 1]' --out '[\"v\", 2]'");
        return EXIT_USAGE;
    }
    if (options->hold_us != 0 && !has_guard(options, &hold))
        return complain_usage("atomic: --for is how long --hold holds, and there is none");
    if (options->hold_us != 0 && options->fields.count > 0)
        return complain_usage("atomic: -f does not go with --for, whose records have more");
    return options->hold_us != 0 ? record_check(options) : output_check_tuples(options);
}

static int run_atomic(struct call *call)
{
    struct unit unit;
    int status = check(call);
    if (status != 0)
        return status;
    status = unit_read(call, &unit);
    if (status == 0 && call->argument_count > 0) {
        complain("atomic takes no arguments, and '%.40s' is one", call->arguments[0]);
        complain_hint("each guard and each tuple stands after its option, in single quotes");
        status = EXIT_USAGE;
    }
    ts_client *client = status == 0 ? connect_daemon(call, &status) : NULL;
    if (client != NULL) {
        status = ask(call, client, &unit);
        ts_disconnect(client);
        interrupt_end();
    }
    unit_deinit(&unit);
    return status;
}

const struct command cmd_atomic = {
    .name = "atomic",
    .arguments = "",
    .summary = "wait for several conditions, do all as one unit",
    .options = atomic_options,
    .uses = USE_TIMEOUT,
    .help = "Waits until all guards hold at once; then takes and puts everything in one unit,\n"
            "and prints the tuples that matched. The status is 3 after -t, 1 with -t 0.\n",
    .examples = atomic_examples,
    .run = run_atomic,
};
