/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* asprintf */
#include "client/address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SYSTEM_PATH "/run/tsd/socket"

/* $XDG_RUNTIME_DIR/tsd/socket; NULL where the variable is not set, or without memory. */
static char *user_path(void)
{
    const char *directory = getenv("XDG_RUNTIME_DIR");
    char *path = NULL;

    if (!directory || !*directory || asprintf(&path, "%s/tsd/socket", directory) < 0)
        return NULL;
    return path;
}

char *address_find(const char *path, char **nor)
{
    const char *given = path ? path : getenv("TSD_SOCKET");
    char *user;

    *nor = NULL;
    if (given && *given)
        return strdup(given);
    user = user_path();
    if (user && access(user, F_OK) == 0)
        return user;
    *nor = user;
    return strdup(SYSTEM_PATH);
}
