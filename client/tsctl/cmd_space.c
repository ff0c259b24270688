/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <tsclient.h>

#include "protocol/name_check.h"
#include "protocol/nearest.h"
#include "tsctl/command.h"
#include "tsctl/complain.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"
#include "tsctl/quantity.h"

static int set_capacity(struct options *options, char **values)
{
    options->has_capacity = true;
    if (quantity_parse_bound(values[0], UINT64_MAX, &options->capacity) && options->capacity != 0)
        return 0;
    complain("--capacity: '%s' is not a number of tuples", values[0]);
    complain_hint("a whole number from 1, or none for no bound");
    return EXIT_USAGE;
}

static int set_max_returns(struct options *options, char **values)
{
    uint64_t number = 0;
    options->has_max_returns = true;
    if (quantity_parse_bound(values[0], UINT32_MAX - 1, &number)) {
        options->max_returns = number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
        return 0;
    }
    complain("--max-returns: '%s' is not a number of returns", values[0]);
    complain_hint("a whole number from 0, or none for no bound");
    return EXIT_USAGE;
}

static int set_dead_letter(struct options *options, char **values)
{
    options->dead_letter = values[0];
    return values[0][0] == '\0' ? 0 : option_check_space("dead-letter", values[0]);
}

static const struct option_spec space_options[] = {
    {"capacity", 0, "N", "it has room for N tuples, or none: no bound", .set = set_capacity},
    {"max-returns", 0, "N", "a tuple that comes back more often goes to ...",
     .set = set_max_returns},
    {"dead-letter", 0, "SPACE", "... this space; '' for none", .set = set_dead_letter},
    {"force", 0, NULL, "rm: also where there are tuples or requests",
     .flag = offsetof(struct options, force)},
    {0},
};

static const char *const space_examples[] = {
    "tsctl space create --capacity 1000 jobs",
    "tsctl space set --max-returns 3 --dead-letter failed jobs",
    "tsctl spaces jobs",
    "tsctl space rm jobs",
    NULL,
};

/* What a verb does to the space of the client. */
static ts_status create(const struct call *call, ts_client *space)
{
    const struct options *options = &call->options;
    ts_attributes attributes = {
        .set_capacity = options->has_capacity,
        .capacity = options->capacity == UINT64_MAX ? 0 : options->capacity,
        .set_max_returns = options->has_max_returns,
        .max_returns = options->max_returns,
        .dead_letter = options->dead_letter,
    };
    return ts_space_set(space, &attributes);
}

/* Only where it is there: a name that was mistyped is to make nothing. */
static ts_status set(const struct call *call, ts_client *space)
{
    const ts_space_row *row;
    ts_status status = ts_spaces(space);
    for (size_t i = 0; status == TS_OK && (row = ts_space_at(ts_last(space), i)) != NULL; i++)
        if (strcmp(row->name, ts_client_space_name(space)) == 0)
            return create(call, space);
    return status == TS_OK ? TS_NOMATCH : status;
}

static ts_status rm(const struct call *call, ts_client *space)
{
    return ts_space_remove(space, call->options.force);
}

static const struct verb {
    const char *name;
    ts_status (*run)(const struct call *call, ts_client *space);
    bool sets;
} verbs[] = {{"create", create, true}, {"set", set, true}, {"rm", rm, false}};
enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

static const struct verb *find_verb(const struct call *call)
{
    struct nearest nearest = nearest_to(call->argument_count > 0 ? call->arguments[0] : "");
    for (size_t i = 0; i < VERBS && call->argument_count > 0; i++) {
        if (strcmp(call->arguments[0], verbs[i].name) == 0)
            return &verbs[i];
        nearest_offer(&nearest, verbs[i].name);
    }
    if (call->argument_count == 0)
        complain("space needs to be told what to do");
    else
        complain("space does not know '%.40s'", call->arguments[0]);
    if (nearest.name != NULL)
        complain_hint("the nearest is: tsctl space %s", nearest.name);
    else
        complain_hint("tsctl space create NAME, set NAME, rm NAME; tsctl spaces lists them");
    return NULL;
}

static int check(const struct call *call, const struct verb *verb)
{
    const struct options *options = &call->options;
    bool attributes =
        options->has_capacity || options->has_max_returns || options->dead_letter != NULL;
    if (call->argument_count < 2)
        return complain_usage("space %s needs the name of a space", verb->name);
    if (!verb->sets && attributes)
        return complain_usage("space rm takes no attributes");
    if (verb->sets && options->force)
        return complain_usage("space %s has no option --force: rm has it", verb->name);
    if (verb->run == set && !attributes) {
        complain("space set needs something to set");
        complain_hint("--capacity, --max-returns or --dead-letter");
        return EXIT_USAGE;
    }
    for (int i = 1; i < call->argument_count; i++) {
        struct problem problem;
        const char *name = call->arguments[i];
        if (name_check((const uint8_t *)name, strlen(name), "space", &problem) != 0)
            return complain_usage("%s", problem.text);
    }
    return 0;
}

static int run_verb(const struct call *call, const struct verb *verb, ts_client *space)
{
    ts_status status = verb->run(call, space);
    const char *name = ts_client_space_name(space);
    if (status != TS_NOMATCH && (status != TS_INVALID || verb->run != rm))
        return connect_exit(call, space, status);
    if (status == TS_NOMATCH) {
        complain("there is no space %s", name);
        if (verb->run == set)
            complain_hint("to make it: tsctl space create %s", name);
        return EXIT_NO_MATCH;
    }
    complain("%s", ts_error_text(space));
    complain_hint("--force removes it with all that is in it");
    return EXIT_REFUSED;
}

static int run_space(struct call *call)
{
    const struct verb *verb = find_verb(call);
    int status = verb != NULL ? check(call, verb) : EXIT_USAGE;
    ts_client *client = status == 0 ? connect_daemon(call, &status) : NULL;
    if (client == NULL)
        return status;
    status = 0;
    for (int i = 1; i < call->argument_count && status == 0; i++) {
        ts_client *space = ts_space(client, call->arguments[i]);
        status =
            space != NULL ? run_verb(call, verb, space) : connect_exit(call, client, TS_NO_MEMORY);
    }
    ts_disconnect(client);
    return status;
}

const struct command cmd_space = {
    .name = "space",
    .arguments = "create | set | rm NAME...",
    .summary = "make spaces that stay, set and remove them",
    .options = space_options,
    .help = "create makes a space that stays when it is empty, set changes one. With a\n"
            "capacity, out waits for room. A tuple that was given back more often than\n"
            "--max-returns moves to the --dead-letter space. rm removes one: with --force its\n"
            "tuples are gone, and requests that wait in it end with an error.\n",
    .examples = space_examples,
    .run = run_space,
};
