/* SPDX-License-Identifier: MIT */
#include "daemon/command_line.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/must.h"
#include "daemon/usage.h"
#include "protocol/utf8.h"

#define EXIT_USAGE 2

enum {
    ASSIGN_LIMIT = CONFIG_COUNT,
    ASSIGN_SPACE,
    OPTION_ASSIGN = 256, /* and what is assigned to */
    OPTION_CONFIG = 512,
    OPTION_CHECK,
    OPTION_LIFELINE,
    OPTION_READY,
    OPTION_VERSION,
};

static const struct option options[] = {
#define SETTING_OPTION(field, name, ...)                                                           \
    {name, required_argument, NULL, OPTION_ASSIGN + CONFIG_##field},
    CONFIG_SETTINGS(SETTING_OPTION)
#undef SETTING_OPTION
        {"limit", required_argument, NULL, OPTION_ASSIGN + ASSIGN_LIMIT},
    {"space", required_argument, NULL, OPTION_ASSIGN + ASSIGN_SPACE},
    {"config", required_argument, NULL, OPTION_CONFIG},
    {"check-config", no_argument, NULL, OPTION_CHECK},
    {"lifeline", required_argument, NULL, OPTION_LIFELINE},
    {"ready-fd", required_argument, NULL, OPTION_READY},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, OPTION_VERSION},
    {0},
};

static int wrong(const char *option, const char *value, const char *what)
{
    (void)fprintf(stderr, "tsd: --%s %s: %s\nTry 'tsd --help'.\n", option, value, what);
    return EXIT_USAGE;
}

/* A descriptor that is open, which nobody whom we start is to have. */
static int parse_descriptor(int *fd, const char *option, const char *text)
{
    char *end;
    const long number = strtol(text, &end, 10);

    if (end == text || *end || number < 0 || number > 1 << 20 ||
        fcntl((int)number, F_SETFD, FD_CLOEXEC) < 0)
        return wrong(option, text, "not an open descriptor");
    *fd = (int)number;
    return -1;
}

static int assign(struct command_line *line, int what, const char *value)
{
    line->assignments[line->count++] = (struct assignment){what, value};
    return -1;
}

static int parse_option(struct command_line *line, int option, const char *value)
{
    switch (option) {
    case OPTION_CONFIG:
        line->config = value;
        return -1;
    case OPTION_CHECK:
        line->check = true;
        return -1;
    case OPTION_LIFELINE:
        return parse_descriptor(&line->lifeline_fd, "lifeline", value);
    case OPTION_READY:
        return parse_descriptor(&line->ready_fd, "ready-fd", value);
    case OPTION_VERSION:
        (void)puts("tsd " TSD_RELEASE);
        return EXIT_SUCCESS;
    case 'S':
        return assign(line, CONFIG_socket, value);
    case 'l':
        return assign(line, CONFIG_log_level, value);
    case 'h':
        usage_print(stdout);
        return EXIT_SUCCESS;
    case '?': /* getopt has said what is wrong */
        (void)fputs("Try 'tsd --help'.\n", stderr);
        return EXIT_USAGE;
    default:
        return assign(line, option - OPTION_ASSIGN, value);
    }
}

/* Whether all that it sets can be set. */
static int try_assignments(const struct command_line *line)
{
    struct config config;
    struct problem problem;
    int status = -1;

    config_init(&config);
    if (command_line_apply(line, &config, &problem) < 0) {
        (void)fprintf(stderr, "tsd: %s\nTry 'tsd --help'.\n", problem.text);
        status = EXIT_USAGE;
    }
    config_deinit(&config);
    return status;
}

int command_line_parse(struct command_line *line, int argc, char **argv)
{
    int option, status;

    *line = (struct command_line){.lifeline_fd = -1, .ready_fd = -1};
    line->assignments = must_have(mem_alloc((size_t)argc * sizeof(*line->assignments)));
    while ((option = getopt_long(argc, argv, "S:l:h", options, NULL)) != -1) {
        status = parse_option(line, option, optarg);
        if (status >= 0)
            return status;
    }
    if (optind < argc) {
        (void)fprintf(stderr, "tsd: takes no arguments, only options: %s\nTry 'tsd --help'.\n",
                      argv[optind]);
        return EXIT_USAGE;
    }
    return try_assignments(line);
}

void command_line_deinit(struct command_line *line)
{
    mem_free(line->assignments);
    line->assignments = NULL;
    line->count = 0;
}

/* NAME=VALUE */
static int apply_limit(struct config *config, const char *text, struct problem *problem)
{
    const char *sign = strchr(text, '=');

    if (!sign)
        return problem_set(problem, TS_INVALID, 0, "a limit is set by NAME=VALUE");
    return limits_set(&config->limits, text, (size_t)(sign - text), sign + 1, problem);
}

/* KEY=VALUE[,KEY=VALUE...], which is cut up. */
static int apply_keys(struct rule *rule, char *text, struct problem *problem)
{
    char *next = text, *key, *value;

    while ((key = strsep(&next, ","))) {
        value = strchr(key, '=');
        if (!value)
            return problem_set(problem, TS_INVALID, 0,
                               "a space is set by NAME:KEY=VALUE[,KEY=VALUE...]");
        *value++ = '\0';
        if (config_set_rule(rule, key, value, false, problem) < 0)
            return -(int)problem->status;
    }
    return 0;
}

/* NAME:KEY=VALUE[,KEY=VALUE...]: no value has a colon, and a name may have some. */
static int apply_space(struct config *config, const char *text, struct problem *problem)
{
    const char *colon = strrchr(text, ':');
    CLEANUP(mem_free) char *keys = NULL;
    uint32_t index;
    size_t size;

    if (!colon)
        return problem_set(problem, TS_INVALID, 0,
                           "a space is set by NAME:KEY=VALUE[,KEY=VALUE...]");
    if (config_rule(config, text, (size_t)(colon - text), &index, problem) < 0)
        return -(int)problem->status;
    size = strlen(colon + 1) + 1;
    keys = must_have(mem_alloc(size));
    memcpy(keys, colon + 1, size);
    return apply_keys(&config->rules[index], keys, problem);
}

static bool is_text(const char *value)
{
    return utf8_is_valid(value, strlen(value));
}

static int apply(struct config *config, const struct assignment *assignment,
                 struct problem *problem)
{
    if (assignment->what != CONFIG_socket && !is_text(assignment->value))
        return problem_set(problem, TS_INVALID, 0, "not valid UTF-8");
    switch (assignment->what) {
    case ASSIGN_LIMIT:
        return apply_limit(config, assignment->value, problem);
    case ASSIGN_SPACE:
        return apply_space(config, assignment->value, problem);
    case CONFIG_socket:
        config->insisted = *assignment->value != '\0';
        break;
    default:
        break;
    }
    return config_set(config, (enum config_setting)assignment->what, assignment->value, problem);
}

static const char *option_name(int what)
{
    for (const struct option *option = options;; option++)
        if (option->val == OPTION_ASSIGN + what)
            return option->name;
}

int command_line_apply(const struct command_line *line, struct config *config,
                       struct problem *problem)
{
    for (size_t i = 0; i < line->count; i++) {
        const struct assignment *assignment = &line->assignments[i];

        if (apply(config, assignment, problem) < 0) {
            const bool tellable = is_text(assignment->value);

            problem_within(problem, "--%s%s%s", option_name(assignment->what), tellable ? " " : "",
                           tellable ? assignment->value : "");
            return -(int)problem->status;
        }
    }
    return 0;
}
