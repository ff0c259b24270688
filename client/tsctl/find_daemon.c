/* SPDX-License-Identifier: MIT */
#include "tsctl/find_daemon.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "client/private.h"
#include "tsctl/complain.h"

char *find_daemon(void)
{
    char *found = private_program();
    if (found == NULL) {
        char own[PATH_MAX] = "?";
        ssize_t size = readlink("/proc/self/exe", own, sizeof(own) - 1);
        if (size > 0) {
            own[size] = '\0';
            *strrchr(own, '/') = '\0';
        }
        complain("run: no tsd beside tsctl (%s) nor in $PATH", own);
        complain_hint("say where it is: TSD_DAEMON=/path/to/tsd tsctl run -- CMD");
    }
    return found;
}
