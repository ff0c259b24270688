/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* asprintf */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/private.h"

/* The path of tsd in a directory, if somebody may run it; NULL otherwise. */
static char *runnable_in(const char *directory, size_t size, const char *where)
{
    char *path = NULL;

    if (asprintf(&path, "%.*s%s/tsd", (int)size, directory, where) < 0)
        return NULL;
    if (access(path, X_OK) == 0)
        return path;
    free(path);
    return NULL;
}

/* Beside the program that runs, where a build and an installation have it. */
static char *find_beside(void)
{
    char path[PATH_MAX];
    const ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - 1);
    char *found = NULL;
    size_t length;

    if (size <= 0)
        return NULL;
    path[size] = '\0';
    length = (size_t)(strrchr(path, '/') - path);
    found = runnable_in(path, length, "");
    return found ? found : runnable_in(path, length, "/../sbin");
}

static char *find_in(const char *list)
{
    char *found = NULL;

    while (list && *list && !found) {
        const size_t size = strcspn(list, ":");
        if (size > 0)
            found = runnable_in(list, size, "");
        list += size + (list[size] == ':');
    }
    return found;
}

char *private_program(void)
{
    const char *chosen = getenv("TSD_DAEMON");
    char *found;

    if (chosen && *chosen)
        return strdup(chosen);
    found = find_beside();
    return found ? found : find_in(getenv("PATH"));
}
