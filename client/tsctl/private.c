/* SPDX-License-Identifier: MIT */
#include "tsctl/private.h"

#include <stdlib.h>
#include <string.h>

#include "tsctl/complain.h"
#include "tsctl/find_daemon.h"

static void complain_not_run(const char *program, int error)
{
    complain("cannot run %s: %s", program, strerror(error));
}

static void complain_crashed(int signal)
{
    complain("run: the private daemon was ended by signal %d", signal);
}

struct private_daemon *run_private(void)
{
    const struct private_options options = {
        .prefix = "tsctl", .not_run = complain_not_run, .crashed = complain_crashed};
    char why[256];
    char *path = find_daemon();
    if (path == NULL)
        return NULL;
    struct private_daemon *daemon = private_start(path, &options, why, sizeof(why));
    free(path);
    if (daemon == NULL)
        complain("run: %s", why);
    return daemon;
}

void end_private(struct private_daemon *daemon)
{
    private_end(daemon);
    private_free(daemon);
}
