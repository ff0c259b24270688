/* SPDX-License-Identifier: MIT */
#include "daemon/config.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#define EXIT_USAGE 2

static const char usage[] =
    "Usage: tsd [OPTION...]\n"
    "Serves tuple spaces to the processes of this host over a Unix domain socket.\n"
    "\n"
    "  -S, --socket PATH        listen at PATH; else at the socket that systemd\n"
    "                           passes, else at /run/tsd/socket (root, services)\n"
    "                           or $XDG_RUNTIME_DIR/tsd/socket\n"
    "  -l, --log-level LEVEL    err, warning, notice (the default), info, debug\n"
    "      --limit NAME=VALUE   set a limit (below); may be given several times\n"
    "      --lifeline FD        stop when the pipe FD ends\n"
    "      --ready-fd FD        once clients are served write a line to FD, close it\n"
    "  -h, --help               print this and exit\n"
    "      --version            print the release and exit\n"
    "\n"
    "Limits, as they are unless set:\n";

static void config_print_limits(FILE *file)
{
#define PRINT(field, name, value, what)                                                            \
    (void)fprintf(file, "  %s=%llu\n        %s\n", name, (unsigned long long)(value), what);
    SERVER_LIMITS(PRINT)
#undef PRINT
}

static void config_print_help(void)
{
    (void)fputs(usage, stdout);
    config_print_limits(stdout);
}

static int config_wrong(const char *option, const char *value, const char *should)
{
    (void)fprintf(stderr, "tsd: --%s %s: %s\nTry 'tsd --help'.\n", option, value, should);
    return EXIT_USAGE;
}

static int config_wrong_limit(const char *value)
{
    (void)fprintf(stderr, "tsd: --limit %s: not one of these with a whole number from 1:\n", value);
    config_print_limits(stderr);
    return EXIT_USAGE;
}

/* A descriptor that is open, which nobody whom we start is to have. */
static int config_descriptor(int *fd, const char *option, const char *text)
{
    char *end;
    long number = strtol(text, &end, 10);

    if (end == text || *end || number < 0 || number > 1 << 20 ||
        fcntl((int)number, F_SETFD, FD_CLOEXEC) < 0)
        return config_wrong(option, text, "not an open descriptor");
    *fd = (int)number;
    return -1;
}

enum { OPTION_LIMIT = 256, OPTION_LIFELINE, OPTION_READY, OPTION_VERSION };

static const struct option options[] = {
    {"socket", required_argument, NULL, 'S'},
    {"log-level", required_argument, NULL, 'l'},
    {"limit", required_argument, NULL, OPTION_LIMIT},
    {"lifeline", required_argument, NULL, OPTION_LIFELINE},
    {"ready-fd", required_argument, NULL, OPTION_READY},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, OPTION_VERSION},
    {0},
};

static int config_option(struct config *config, int option, const char *value)
{
    int level;

    switch (option) {
    case 'S':
        config->socket = value;
        return -1;
    case 'l':
        level = log_level_find(value);
        if (level < 0)
            return config_wrong("log-level", value, "not err, warning, notice, info or debug");
        config->log_level = (enum log_level)level;
        return -1;
    case OPTION_LIMIT:
        if (!limits_set(&config->limits, value))
            return config_wrong_limit(value);
        return -1;
    case OPTION_LIFELINE:
        return config_descriptor(&config->lifeline_fd, "lifeline", value);
    case OPTION_READY:
        return config_descriptor(&config->ready_fd, "ready-fd", value);
    case OPTION_VERSION:
        (void)puts("tsd " TSD_RELEASE);
        return EXIT_SUCCESS;
    case 'h':
        config_print_help();
        return EXIT_SUCCESS;
    default: /* getopt has said what is wrong */
        (void)fputs("Try 'tsd --help'.\n", stderr);
        return EXIT_USAGE;
    }
}

int config_parse(struct config *config, int argc, char **argv)
{
    int option, status;

    *config = (struct config){.log_level = LOG_LEVEL_NOTICE, .lifeline_fd = -1, .ready_fd = -1};
    limits_init(&config->limits);
    while ((option = getopt_long(argc, argv, "S:l:h", options, NULL)) != -1) {
        status = config_option(config, option, optarg);
        if (status >= 0)
            return status;
    }
    if (optind < argc) {
        (void)fprintf(stderr, "tsd: takes no arguments, only options: %s\nTry 'tsd --help'.\n",
                      argv[optind]);
        return EXIT_USAGE;
    }
    return -1;
}
