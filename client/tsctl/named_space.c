/* SPDX-License-Identifier: MIT */
#include "tsctl/named_space.h"

#include <string.h>

#include "protocol/name_check.h"
#include "tsctl/complain.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"

int named_space_check(const struct call *call, int first)
{
    for (int i = first; i < call->argument_count; i++) {
        struct problem problem;
        const char *name = call->arguments[i];
        if (name_check((const uint8_t *)name, strlen(name), "space", &problem) != 0)
            return complain_usage("%s", problem.text);
    }
    return 0;
}

int named_space_each(const struct call *call, int first,
                     int (*act)(const struct call *call, ts_client *space, void *context),
                     void *context)
{
    int status;
    ts_client *client = connect_daemon(call, &status);
    if (client == NULL)
        return status;
    status = 0;
    for (int i = first; i < call->argument_count && status == 0; i++) {
        ts_client *space = ts_space(client, call->arguments[i]);
        status =
            space != NULL ? act(call, space, context) : connect_exit(call, client, TS_NO_MEMORY);
    }
    ts_disconnect(client);
    return status;
}

int named_space_missing(const ts_client *space)
{
    complain("there is no space %s", ts_client_space_name(space));
    return EXIT_NO_MATCH;
}

int named_space_set(const struct call *call, ts_client *space, const ts_attributes *attributes)
{
    ts_status status = ts_space_set(space, attributes);
    return status == TS_NOMATCH ? named_space_missing(space) : connect_exit(call, space, status);
}
