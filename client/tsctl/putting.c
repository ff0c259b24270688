/* SPDX-License-Identifier: MIT */
#include "tsctl/putting.h"

#include "tsctl/complain.h"
#include "tsctl/connect.h"
#include "tsctl/quantity.h"

ts_request putting_request(const struct call *call)
{
    const struct options *options = &call->options;
    return (ts_request){
        .operation = TSD_OP_OUT,
        .priority = options->priority,
        .timeout = quantity_seconds(options->timeout_us),
        .no_wait = options->has_timeout && options->timeout_us == 0,
        .ttl = quantity_seconds(options->ttl_us),
        .delay = quantity_seconds(options->delay_us),
        .bound = options->bound,
        .pulse = options->pulse,
        .key = options->key,
        .window = quantity_seconds(options->window_us),
    };
}

int putting_exit(const struct call *call, const ts_client *client, ts_status status,
                 const char *text)
{
    if (status == TS_TIMEOUT)
        complain("the space %s was full for the time of -t: nothing was put",
                 ts_client_space_name(client));
    return connect_exit_text(call, client, status, text);
}
