/* SPDX-License-Identifier: MIT */
/*
 * What the server itself tells of clients and users: the operations clients, users and kill.
 *
 * Everybody sees, and may disconnect, the clients of its own user; administrators all.
 */
#ifndef TSD_SERVER_INSPECT_H
#define TSD_SERVER_INSPECT_H

#include "protocol/request.h"
#include "server/connection.h"
#include "space/engine.h"

/* Append the answer to the request, a page of rows in the order of their numbers. */
void inspect_clients(struct connection *asking, const struct engine *engine,
                     const struct request *request);
void inspect_users(struct connection *asking, const struct engine *engine,
                   const struct request *request);

/* The client of that number, if whoever asks may see it; else NULL. */
struct connection *inspect_find(const struct connection *asking, uint64_t client);

#endif
