/* SPDX-License-Identifier: MIT */
#include "tsctl/private.h"

#include <errno.h>
#include <limits.h>
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

/* The daemon looks for it elsewhere: its folder is the root. */
static bool find_config(const char *config, char path[PATH_MAX])
{
    if (config == NULL || realpath(config, path) != NULL)
        return true;
    complain("run: the configuration %s: %s", config, strerror(errno));
    return false;
}

struct private_daemon *run_private(const char *config)
{
    char why[256], config_path[PATH_MAX];
    const struct private_options options = {.prefix = "tsctl",
                                            .config = config != NULL ? config_path : NULL,
                                            .not_run = complain_not_run,
                                            .crashed = complain_crashed};
    char *path = find_config(config, config_path) ? find_daemon() : NULL;
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
