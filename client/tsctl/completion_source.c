/* SPDX-License-Identifier: MIT */
/*
 * Candidates from the tables, from the host, and from the daemon: where there is none, or it refuses,
 * there are no candidates, and nothing is said.
 */
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include <tsclient.h>

#include "tsctl/client_row.h"
#include "tsctl/completion.h"
#include "tsctl/people.h"
#include "tsctl/quantity.h"
#include "tsctl/report.h"

void candidates_add(const struct candidates *candidates, const char *text, const char *what)
{
    const char *begun = candidates->word + candidates->kept;
    if (strncmp(text, begun, strlen(begun)) != 0)
        return;
    buffer_append(candidates->out, candidates->word, candidates->kept);
    buffer_printf(candidates->out, "%s\t%s\n", text, what != NULL ? what : "");
}

static void add_choices(const struct candidates *candidates, const char *choices)
{
    while (choices != NULL && *choices != '\0') {
        char text[40];
        const size_t length = strcspn(choices, " ");
        (void)snprintf(text, sizeof(text), "%.*s", (int)length, choices);
        candidates_add(candidates, text, NULL);
        choices += length + (choices[length] == ' ');
    }
}

/* What follows the last of these marks in the word. */
static struct candidates behind(const struct candidates *candidates, char mark)
{
    struct candidates rest = *candidates;
    const char *last = strrchr(rest.word + rest.kept, mark);
    if (last != NULL)
        rest.kept = (size_t)(last + 1 - rest.word);
    return rest;
}

static void add_commands(const struct candidates *candidates)
{
    for (const struct command *const *command = commands; *command != NULL; command++)
        candidates_add(candidates, (*command)->name, (*command)->summary);
}

static void add_groups(const struct candidates *candidates)
{
    const struct group *group;
    setgrent();
    while ((group = getgrent()) != NULL)
        candidates_add(candidates, group->gr_name, NULL);
    endgrent();
}

/* Users; behind a colon, as in an owner, groups. */
static void add_users(const struct candidates *candidates)
{
    const struct passwd *user;
    const struct candidates group = behind(candidates, ':');
    if (group.kept > candidates->kept) {
        add_groups(&group);
        return;
    }
    setpwent();
    while ((user = getpwent()) != NULL)
        candidates_add(candidates, user->pw_name, NULL);
    endpwent();
}

static ts_client *connect_quietly(const struct candidates *candidates)
{
    return ts_connect(candidates->socket, &(ts_options){.name = "tsctl"});
}

static void add_spaces(const struct candidates *candidates)
{
    ts_client *client = connect_quietly(candidates);
    const ts_space_row *row;
    if (ts_spaces(client) == TS_OK)
        for (size_t i = 0; (row = ts_space_at(ts_last(client), i)) != NULL; i++) {
            char tuples[QUANTITY_TUPLES_SIZE];
            candidates_add(candidates, row->name, quantity_tuples(row->tuples, tuples));
        }
    ts_disconnect(client);
}

static void add_client(void *context, const struct client_row *row)
{
    char number[24], what[340];
    if (report_bool(row->map, TSD_CLIENT_OWN))
        return; /* it is gone before anybody could name it */
    (void)snprintf(number, sizeof(number), "%" PRIu64, row->number);
    (void)snprintf(what, sizeof(what), "%s %s %" PRIu64,
                   people_user((uint32_t)report_uint(row->map, TSD_CLIENT_USER)), row->name,
                   report_uint(row->map, TSD_CLIENT_PROCESS));
    candidates_add(context, number, what);
}

static void add_clients(struct candidates candidates)
{
    ts_client *client = connect_quietly(&candidates);
    (void)client_row_each(client, add_client, &candidates);
    ts_disconnect(client);
}

void candidates_of(const struct candidates *candidates, enum complete source, const char *choices)
{
    const struct candidates item = behind(candidates, ',');
    switch (source) {
    case COMPLETE_NOTHING:
        break;
    case COMPLETE_CHOICE:
        add_choices(candidates, choices);
        break;
    case COMPLETE_LIST:
        add_choices(&item, choices);
        break;
    case COMPLETE_FILE:
        buffer_printf(candidates->out, "\tfile\n");
        break;
    case COMPLETE_SPACE:
        add_spaces(candidates);
        break;
    case COMPLETE_CLIENT:
        add_clients(*candidates);
        break;
    case COMPLETE_USER:
        add_users(candidates);
        break;
    case COMPLETE_GROUP:
        add_groups(candidates);
        break;
    case COMPLETE_COMMAND:
        add_commands(candidates);
        break;
    }
}
