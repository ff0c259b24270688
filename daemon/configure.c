/* SPDX-License-Identifier: MIT */
#include "daemon/configure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/must.h"
#include "daemon/config_file.h"
#include "server/address.h"

#define FILE_MOST ((size_t)1 << 20)
#define PATH_SIZE 4096

/* The default path: the system's, for whoever serves all users, or the user's own. "": none. */
static void default_path(char path[static PATH_SIZE])
{
    const char *folder = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

    path[0] = '\0';
    if (address_is_system())
        (void)snprintf(path, PATH_SIZE, "%s/tsd.conf", TSD_SYSCONFDIR);
    else if (folder && folder[0] == '/')
        (void)snprintf(path, PATH_SIZE, "%s/tsd.conf", folder);
    else if (home && home[0] == '/')
        (void)snprintf(path, PATH_SIZE, "%s/.config/tsd.conf", home);
    if (access(path, F_OK) < 0)
        path[0] = '\0';
}

/* All that can be read, FILE_MOST bytes at most. Returns how many, or -1 with errno. */
static ssize_t read_all(int fd, char *room)
{
    size_t size = 0;
    ssize_t more;

    while ((more = read(fd, room + size, FILE_MOST + 1 - size)) != 0) {
        if (more < 0 && errno != EINTR)
            return -1;
        if (more > 0)
            size += (size_t)more;
        if (size > FILE_MOST) {
            errno = EFBIG;
            return -1;
        }
    }
    return (ssize_t)size;
}

static void tell_wrong(void *path, unsigned line, const char *text)
{
    log_err("%s:%u: %s", (const char *)path, line, text);
}

/* Returns 0, or -1 having logged why. */
static int read_file(char *path, struct config *config)
{
    CLEANUP(mem_free) char *text = must_have(mem_alloc(FILE_MOST + 1));
    CLEANUP(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t size = fd < 0 ? -1 : read_all(fd, text);

    if (size < 0) {
        log_err("%s: cannot read it: %s", path, strerror(errno));
        return -1;
    }
    return config_file_parse(config, text, (size_t)size, tell_wrong, path) == 0 ? 0 : -1;
}

/* `path` is set to what was read; "": none. Returns 0, or -1, each wrong line having been logged. */
static int configure_from(const struct command_line *line, struct config *config,
                          char path[static PATH_SIZE])
{
    struct problem problem;

    if (line->config)
        (void)snprintf(path, PATH_SIZE, "%s", line->config);
    else
        default_path(path);
    config_init(config);
    if (*path && read_file(path, config) < 0) {
        config_deinit(config);
        return -1;
    }
    if (command_line_apply(line, config, &problem) < 0) { /* it could before */
        log_err("%s", problem.text);
        config_deinit(config);
        return -1;
    }
    return 0;
}

int configure(const struct command_line *line, struct config *config)
{
    char path[PATH_SIZE];

    return configure_from(line, config, path);
}

int configure_check(const struct command_line *line)
{
    char path[PATH_SIZE];
    struct config config;

    if (configure_from(line, &config, path) < 0)
        return EXIT_FAILURE;
    (void)printf("tsd: %s: ok\n", *path ? path : "no configuration file");
    config_deinit(&config);
    return EXIT_SUCCESS;
}

void configure_server(const struct config *config, struct server_options *options)
{
    options->limits = config->limits;
    options->rules = config->rules;
    options->rule_count = config->rule_count;
    options->has_admin_group = config->has_admin_group;
    options->admin_group = config->admin_group;
}

static bool is_other_path(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) != 0 : a != b;
}

static void tell_of_restart(const struct config *old, const struct config *new)
{
    if (is_other_path(old->socket, new->socket) || old->socket_mode != new->socket_mode ||
        old->has_socket_group != new->has_socket_group || old->socket_group != new->socket_group)
        log_notice("socket, socket-mode and socket-group take effect at the next start");
}

bool configure_again(void *context, struct server_options *changed)
{
    struct configuration *configuration = context;
    char path[PATH_SIZE];
    struct config config;

    if (configure_from(&configuration->line, &config, path) < 0) {
        log_err("configuration refused, all stays as it is");
        return false;
    }
    tell_of_restart(&configuration->config, &config);
    config_deinit(&configuration->config);
    configuration->config = config;
    log_init(config.log_level);
    configure_server(&config, changed);
    return true;
}

void configuration_deinit(struct configuration *configuration)
{
    config_deinit(&configuration->config);
    command_line_deinit(&configuration->line);
}
