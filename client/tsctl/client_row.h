/* SPDX-License-Identifier: MIT */
/*
 * A row of what the daemon tells of its clients (ts_clients), and their numbers as words.
 */
#ifndef TSCTL_CLIENT_ROW_H
#define TSCTL_CLIENT_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include <tsclient.h>

#include "tsctl/command.h"

struct client_row {
    uint64_t number;
    const uint8_t *map; /* TSD_CLIENT_... */
    char name[256];     /* what it calls itself, ended by NUL */
};

/* False where it is not one. */
bool client_row_read(const uint8_t *element, struct client_row *row);

/* Calls `each` for all clients that may be seen, in the order of their numbers. */
ts_status client_row_each(ts_client *client,
                          void (*each)(void *context, const struct client_row *row), void *context);

/* Whether all arguments are numbers of clients. Returns 0, or EXIT_USAGE after it has complained. */
int client_row_check(const struct call *call);

/* The number that such an argument is. */
uint64_t client_row_number(const char *argument);

#endif
