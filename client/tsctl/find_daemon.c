/* SPDX-License-Identifier: MIT */
#include "tsctl/find_daemon.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tsctl/complain.h"
#include "tsctl/memory.h"

/* The directory of this program, without the name. */
static char *own_directory(void)
{
    char path[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (size <= 0)
        return NULL;
    path[size] = '\0';
    *strrchr(path, '/') = '\0';
    return memory_printf("%s", path);
}

/* The path if somebody may run it, else NULL; takes it over. */
static char *if_runnable(char *path)
{
    if (access(path, X_OK) == 0)
        return path;
    free(path);
    return NULL;
}

static char *find_in_path(void)
{
    const char *list = getenv("PATH");
    char *found = NULL;
    while (list != NULL && found == NULL) {
        size_t size = strcspn(list, ":");
        if (size > 0)
            found = if_runnable(memory_printf("%.*s/tsd", (int)size, list));
        list = list[size] != '\0' ? list + size + 1 : NULL;
    }
    return found;
}

char *find_daemon(void)
{
    const char *chosen = getenv("TSD_DAEMON");
    if (chosen != NULL && chosen[0] != '\0')
        return memory_printf("%s", chosen);
    char *own = own_directory(), *found = NULL;
    if (own != NULL)
        found = if_runnable(memory_printf("%s/tsd", own));
    if (own != NULL && found == NULL)
        found = if_runnable(memory_printf("%s/../sbin/tsd", own));
    if (found == NULL)
        found = find_in_path();
    if (found == NULL) {
        complain("run: no tsd beside tsctl (%s) nor in $PATH", own != NULL ? own : "?");
        complain_hint("say where it is: TSD_DAEMON=/path/to/tsd tsctl run -- CMD");
    }
    free(own);
    return found;
}
