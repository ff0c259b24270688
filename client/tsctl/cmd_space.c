/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <tsclient.h>

#include "protocol/nearest.h"
#include "tsctl/command.h"
#include "tsctl/complain.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"
#include "tsctl/named_space.h"
#include "tsctl/people.h"
#include "tsctl/quantity.h"
#include "tsctl/rights.h"

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

static int set_owner(struct options *options, char **values)
{
    options->has_owner = true;
    return people_read_user("--owner", values[0], &options->owner);
}

static int set_group(struct options *options, char **values)
{
    options->has_group = true;
    return people_read_group("--group", values[0], &options->group);
}

static int set_mode(struct options *options, char **values)
{
    options->has_mode = true;
    if (rights_parse(values[0], &options->mode))
        return 0;
    complain("--mode: '%s' is not a mode", values[0]);
    complain_hint("octal such as 0750, or letters such as rwtr-----; chmod changes one");
    return EXIT_USAGE;
}

static const struct option_spec space_options[] = {
    {"capacity", 0, "N", "it has room for N tuples, or none: no bound", .set = set_capacity},
    {"max-returns", 0, "N", "a tuple that comes back more often goes to ...",
     .set = set_max_returns},
    {"dead-letter", 0, "SPACE", "... this space; '' for none", .set = set_dead_letter,
     .completes = COMPLETE_SPACE},
    {"owner", 0, "USER", "whose it is; only administrators give it away", .set = set_owner,
     .completes = COMPLETE_USER},
    {"group", 0, "GROUP", "its group, one of the owner's own", .set = set_group,
     .completes = COMPLETE_GROUP},
    {"mode", 0, "MODE", "who may read, write, take: 0750 or rwtr-----", .set = set_mode},
    {"force", 0, NULL, "rm: also where there are tuples or requests",
     .flag = offsetof(struct options, force)},
    {0},
};

static const char *const space_examples[] = {
    "tsctl space create --capacity 1000 --mode rwtr----- jobs",
    "tsctl space set --max-returns 3 --dead-letter failed jobs",
    "tsctl spaces jobs",
    "tsctl space rm jobs",
    NULL,
};

/* What a verb does to the space of the client. */
static int set_attributes(const struct call *call, ts_client *space, bool existing)
{
    const struct options *options = &call->options;
    const ts_attributes attributes = {
        .set_capacity = options->has_capacity,
        .capacity = options->capacity == UINT64_MAX ? 0 : options->capacity,
        .set_max_returns = options->has_max_returns,
        .max_returns = options->max_returns,
        .dead_letter = options->dead_letter,
        .set_owner = options->has_owner,
        .owner = options->owner,
        .set_group = options->has_group,
        .group = options->group,
        .set_mode = options->has_mode,
        .mode = options->mode,
        .existing = existing,
    };
    return named_space_set(call, space, &attributes);
}

static int create(const struct call *call, ts_client *space)
{
    return set_attributes(call, space, false);
}

/* Only where it is there: a name that was mistyped is to make nothing. */
static int set(const struct call *call, ts_client *space)
{
    int status = set_attributes(call, space, true);
    if (status == EXIT_NO_MATCH)
        complain_hint("to make it: tsctl space create %s", ts_client_space_name(space));
    return status;
}

static int rm(const struct call *call, ts_client *space)
{
    ts_status status = ts_space_remove(space, call->options.force);
    if (status == TS_NOMATCH)
        return named_space_missing(space);
    if (status != TS_INVALID)
        return connect_exit(call, space, status);
    complain("%s", ts_error_text(space));
    complain_hint("--force removes it with all that is in it");
    return EXIT_REFUSED;
}

static const struct verb {
    const char *name;
    int (*run)(const struct call *call, ts_client *space);
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

static bool has_attributes(const struct options *options)
{
    return options->has_capacity || options->has_max_returns || options->dead_letter != NULL ||
           options->has_owner || options->has_group || options->has_mode;
}

static int check(const struct call *call, const struct verb *verb)
{
    const bool attributes = has_attributes(&call->options);
    if (call->argument_count < 2)
        return complain_usage("space %s needs the name of a space", verb->name);
    if (!verb->sets && attributes)
        return complain_usage("space rm takes no attributes");
    if (verb->sets && call->options.force)
        return complain_usage("space %s has no option --force: rm has it", verb->name);
    if (verb->run == set && !attributes) {
        complain("space set needs something to set");
        complain_hint("--capacity, --max-returns, --dead-letter, --owner, --group or --mode");
        return EXIT_USAGE;
    }
    return named_space_check(call, 1);
}

static int act(const struct call *call, ts_client *space, void *verb)
{
    return ((const struct verb *)verb)->run(call, space);
}

static int run_space(struct call *call)
{
    const struct verb *verb = find_verb(call);
    int status = verb != NULL ? check(call, verb) : EXIT_USAGE;
    return status == 0 ? named_space_each(call, 1, act, (void *)verb) : status;
}

const struct command cmd_space = {
    .name = "space",
    .arguments = "create | set | rm NAME...",
    .summary = "make spaces that stay, set and remove them",
    .options = space_options,
    .completes = {COMPLETE_CHOICE, COMPLETE_SPACE},
    .choices = "create set rm",
    .help = "create makes a space that stays when it is empty, set changes one. With a\n"
            "capacity, out waits for room. A tuple that was given back more often than\n"
            "--max-returns moves to the --dead-letter space. --mode says what its owner, its\n"
            "group and others may do there: see chmod. rm removes one: with --force its\n"
            "tuples are gone, and requests that wait in it end with an error.\n",
    .examples = space_examples,
    .run = run_space,
};
