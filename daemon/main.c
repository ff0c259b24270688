/* SPDX-License-Identifier: MIT */
/*
 * tsd: configure, build, run, clean up in reverse.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/configure.h"
#include "server/address.h"
#include "server/peer.h"
#include "server/server.h"
#include "server/systemd.h"

/* As many descriptors as may be; returns how many connections they allow. */
static uint64_t raise_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return LIMIT_SPARE_FILES;
    if (limit.rlim_cur < limit.rlim_max) {
        rlim_t before = limit.rlim_cur;

        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) < 0) {
            log_warning("cannot raise the limit on descriptors error=\"%s\"", strerror(errno));
            limit.rlim_cur = before;
        }
    }
    if (limit.rlim_cur <= 2 * LIMIT_SPARE_FILES)
        return limit.rlim_cur / 2;
    return limit.rlim_cur - LIMIT_SPARE_FILES;
}

/* Clients that have TSD_SOCKET ask there, which a daemon that was told no path does not. */
static void warn_of_variable(const char *path)
{
    const char *variable = getenv("TSD_SOCKET");
    struct stat ours, theirs;
    char quoted[LOG_QUOTED];

    if (!variable || !*variable)
        return;
    if (stat(path, &ours) == 0 && stat(variable, &theirs) == 0 && ours.st_dev == theirs.st_dev &&
        ours.st_ino == theirs.st_ino)
        return; /* spelt otherwise, perhaps */
    log_warning("clients that have TSD_SOCKET look elsewhere; to serve them use --socket "
                "TSD_SOCKET=%s",
                log_quote(quoted, variable));
}

/* Who has no other default path than the system's, and may not use that, has to name one. */
static void log_no_socket(const char *by_default, const struct problem *problem)
{
    bool refused = geteuid() != 0 && strcmp(by_default, ADDRESS_SYSTEM) == 0;
    char quoted[LOG_QUOTED];

    log_err("cannot listen problem=%s%s", log_quote(quoted, problem->text),
            refused ? " hint=\"without XDG_RUNTIME_DIR choose a path: tsd --socket PATH; and for "
                      "clients: export TSD_SOCKET=PATH\""
                    : "");
}

/* Whose the socket is was said to systemd. */
static void log_passed(const struct config *config)
{
    log_notice("listening release=" TSD_RELEASE " socket=passed");
    if (config->socket || config->socket_mode != 0600 || config->has_socket_group)
        log_notice("the socket was passed: socket, socket-mode and socket-group are not used");
}

/* The listening socket: at the path that the command line names, else the one that was passed, else at
 * the path that the file names, else at the default one. Returns it, or -1 having logged why. */
static int open_socket(const struct config *config, struct address *address)
{
    const struct address_access access = {config->socket_mode, config->has_socket_group,
                                          config->socket_group};
    char path[ADDRESS_SIZE] = "", quoted[LOG_QUOTED];
    const char *wanted = config->socket;
    struct problem problem;
    int fd = config->insisted ? 0 : systemd_socket(&problem);

    if (fd > 0) {
        peer_refuse_descriptors(fd);
        log_passed(config);
        return fd;
    }
    if (fd == 0 && !wanted) {
        fd = address_default(path, &problem);
        wanted = path;
    }
    if (fd == 0)
        fd = address_open(address, wanted, &access, &problem);
    if (fd < 0) {
        log_no_socket(path, &problem);
        return -1;
    }
    peer_refuse_descriptors(fd);
    log_notice("listening release=" TSD_RELEASE " socket=%s", log_quote(quoted, wanted));
    if (wanted == path)
        warn_of_variable(path);
    return fd;
}

/* So that no socket becomes 0, 1 or 2, where logs would go into it. */
static void open_standard_descriptors(void)
{
    int fd;

    do {
        fd = open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO)
        close(fd);
}

static void tell_ready(int fd)
{
    if (fd >= 0) {
        (void)!write(fd, "\n", 1);
        close(fd);
    }
    systemd_notify("READY=1");
}

/* Serves until it is told to stop. Returns the status to exit with. */
static int serve(struct configuration *configuration)
{
    struct address address = {.lock = -1};
    struct server_options options = {.lifeline_fd = configuration->line.lifeline_fd,
                                     .reload = configure_again,
                                     .reload_context = configuration};
    struct server *server;
    int status;

    configure_server(&configuration->config, &options);
    options.connections = raise_descriptors();
    options.watchdog_us = systemd_watchdog_us();
    options.listen_fd = open_socket(&configuration->config, &address);
    if (options.listen_fd < 0)
        return EXIT_FAILURE;
    server = server_new(&options);
    if (server) {
        tell_ready(configuration->line.ready_fd);
        server_run(server);
    }

    address_close(&address);
    status = server ? EXIT_SUCCESS : EXIT_FAILURE;
    server_free(server);
    log_notice("stopped");
    return status;
}

int main(int argc, char **argv)
{
    struct configuration configuration = {0};
    int status = command_line_parse(&configuration.line, argc, argv);

    if (status < 0) {
        open_standard_descriptors();
        log_init(LOG_LEVEL_NOTICE);
        umask(0077);
        (void)signal(SIGPIPE, SIG_IGN);
        if (configuration.line.check) {
            status = configure_check(&configuration.line);
        } else if (configure(&configuration.line, &configuration.config) < 0) {
            status = EXIT_FAILURE;
        } else {
            log_init(configuration.config.log_level);
            status = serve(&configuration);
        }
    }
    configuration_deinit(&configuration);
    return status;
}
