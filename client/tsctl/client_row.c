/* SPDX-License-Identifier: MIT */
#include "tsctl/client_row.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/value.h"
#include "tsctl/complain.h"
#include "tsctl/exits.h"
#include "tsctl/report.h"

/* What does not fit is cut; a name has at most 255 bytes. */
static void read_name(const uint8_t *at, char name[256])
{
    struct value text = {.type = VALUE_NIL};
    if (at != NULL)
        value_read_trusted(at, &text);
    const size_t size = text.type != VALUE_STR ? 0 : text.length < 255 ? text.length : 255;
    if (size > 0)
        memcpy(name, text.bytes, size);
    name[size] = '\0';
}

bool client_row_read(const uint8_t *element, struct client_row *row)
{
    struct report_list parts = report_list(element), number = parts;
    row->number = report_next_uint(&number);
    (void)report_next(&parts);
    row->map = report_next(&parts);
    if (row->map == NULL)
        return false;
    read_name(report_find(row->map, TSD_CLIENT_NAME), row->name);
    return true;
}

ts_status client_row_each(ts_client *client,
                          void (*each)(void *context, const struct client_row *row), void *context)
{
    struct client_row row = {0};
    ts_status status = ts_clients(client, NULL);
    while (status == TS_OK) {
        const ts_result *result = ts_last(client);
        struct report_list list = report_list(result->report.bytes);
        const bool more = result->more && list.count > 0;
        const uint8_t *element;
        while ((element = report_next(&list)) != NULL)
            if (client_row_read(element, &row))
                each(context, &row);
        if (!more)
            return TS_OK;
        status = ts_clients(client, &row.number);
    }
    return status;
}

uint64_t client_row_number(const char *argument)
{
    return strtoull(argument, NULL, 10);
}

int client_row_check(const struct call *call)
{
    for (int i = 0; i < call->argument_count; i++) {
        const char *text = call->arguments[i];
        const size_t length = strlen(text);
        errno = 0;
        if (length > 0 && strspn(text, "0123456789") == length) {
            (void)client_row_number(text);
            if (errno == 0)
                continue;
        }
        complain("'%.40s' is not the number of a client", text);
        complain_hint("tsctl clients lists them");
        return EXIT_USAGE;
    }
    return 0;
}
