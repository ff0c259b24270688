/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <tsclient.h>

#include "tsctl/command.h"
#include "tsctl/complain.h"
#include "tsctl/exits.h"
#include "tsctl/memory.h"
#include "tsctl/named_space.h"
#include "tsctl/people.h"

static const char *const chown_examples[] = {
    "tsctl space create jobs",
    "tsctl chown \":$(id -g)\" jobs",
    "tsctl chown \"$(id -un):$(id -gn)\" jobs",
    "tsctl spaces",
    NULL,
};

static int complain_form(const char *text)
{
    complain("'%.80s' names no owner", text);
    complain_hint("OWNER, OWNER:GROUP or :GROUP, each a name or a number");
    return EXIT_USAGE;
}

/* OWNER, OWNER:GROUP, :GROUP */
static int read_owner(const char *text, ts_attributes *attributes)
{
    const char *colon = strchr(text, ':');
    char *owner =
        memory_printf("%.*s", colon != NULL ? (int)(colon - text) : (int)strlen(text), text);
    int status = 0;
    attributes->set_owner = owner[0] != '\0';
    attributes->set_group = colon != NULL;
    if ((!attributes->set_owner && !attributes->set_group) || (colon != NULL && colon[1] == '\0'))
        status = complain_form(text);
    if (status == 0 && attributes->set_owner)
        status = people_read_user("chown", owner, &attributes->owner);
    if (status == 0 && attributes->set_group)
        status = people_read_group("chown", colon + 1, &attributes->group);
    free(owner);
    return status;
}

static int act(const struct call *call, ts_client *space, void *attributes)
{
    return named_space_set(call, space, attributes);
}

static int run_chown(struct call *call)
{
    ts_attributes attributes = {.existing = true};
    if (call->argument_count < 2) {
        complain("chown needs an owner and the name of a space");
        complain_hint("such as tsctl chown :workers jobs");
        return EXIT_USAGE;
    }
    int status = read_owner(call->arguments[0], &attributes);
    if (status == 0)
        status = named_space_check(call, 1);
    return status == 0 ? named_space_each(call, 1, act, &attributes) : status;
}

const struct command cmd_chown = {
    .name = "chown",
    .arguments = "OWNER[:GROUP] | :GROUP NAME...",
    .summary = "give spaces to another owner or group",
    .completes = {COMPLETE_USER, COMPLETE_SPACE},
    .help = "Sets the owner, the group, or both of spaces, by name or number. The owner of a\n"
            "space may give it to a group that it is in; only administrators may give it to\n"
            "another owner. The status is 1 where there is no such space.\n",
    .examples = chown_examples,
    .run = run_chown,
};
