/* SPDX-License-Identifier: MIT */
/*
 * Which socket a client connects to.
 */
#ifndef TSCLIENT_ADDRESS_H
#define TSCLIENT_ADDRESS_H

/*
 * The path that was asked for; NULL: $TSD_SOCKET, else $XDG_RUNTIME_DIR/tsd/socket if it is there,
 * else /run/tsd/socket; *nor is then the user's path, which is not there, or NULL. Both are allocated.
 * NULL without memory.
 */
char *address_find(const char *path, char **nor);

#endif
