/* SPDX-License-Identifier: MIT */
#include "daemon/config.h"

#include <string.h>

#include "base/alloc.h"
#include "base/must.h"
#include "daemon/config_value.h"
#include "protocol/nearest.h"

void config_init(struct config *config)
{
    *config = (struct config){.socket_mode = 0600, .log_level = LOG_LEVEL_NOTICE};
    limits_init(&config->limits);
}

void config_deinit(struct config *config)
{
    for (uint32_t i = 0; i < config->rule_count; i++)
        mem_free((void *)config->rules[i].name.bytes);
    mem_free(config->rules);
    mem_free(config->socket);
    *config = (struct config){0};
}

static int set_socket(struct config *config, const char *value, struct problem *problem)
{
    const size_t size = strlen(value) + 1;

    (void)problem; /* a path is judged where it is used */
    mem_free(config->socket);
    config->socket = NULL;
    if (*value)
        config->socket = memcpy(must_have(mem_alloc(size)), value, size);
    return 0;
}

static int set_socket_mode(struct config *config, const char *value, struct problem *problem)
{
    uint32_t mode = 0600;

    if (*value && config_value_mode(value, &mode, problem) < 0)
        return -(int)problem->status;
    config->socket_mode = (mode_t)mode;
    return 0;
}

static int set_group(bool *has, gid_t *group, const char *value, struct problem *problem)
{
    uint32_t id = 0;

    if (*value && config_value_group(value, &id, problem) < 0)
        return -(int)problem->status;
    *has = *value != '\0';
    *group = (gid_t)id;
    return 0;
}

static int set_socket_group(struct config *config, const char *value, struct problem *problem)
{
    return set_group(&config->has_socket_group, &config->socket_group, value, problem);
}

static int set_admin_group(struct config *config, const char *value, struct problem *problem)
{
    return set_group(&config->has_admin_group, &config->admin_group, value, problem);
}

static int set_log_level(struct config *config, const char *value, struct problem *problem)
{
    const int level = *value ? log_level_find(value) : LOG_LEVEL_NOTICE;

    if (level < 0)
        return problem_set(problem, TS_INVALID, 0, "not err, warning, notice, info or debug: %s",
                           value);
    config->log_level = (enum log_level)level;
    return 0;
}

static const struct {
    const char *name;
    int (*set)(struct config *config, const char *value, struct problem *problem);
} settings[] = {
#define CONFIG_SETTING(field, name, ...) {name, set_##field},
    CONFIG_SETTINGS(CONFIG_SETTING)
#undef CONFIG_SETTING
};

int config_find(const char *name, struct problem *problem)
{
    struct nearest nearest = nearest_to(name);

    for (int i = 0; i < CONFIG_COUNT; i++) {
        if (strcmp(settings[i].name, name) == 0)
            return i;
        nearest_offer(&nearest, settings[i].name);
    }
    return problem_set(problem, TS_INVALID, 0,
                       nearest.name ? "there is no key %s in [daemon]; the nearest is %s"
                                    : "there is no key %s in [daemon]; see tsd.conf(5)",
                       name, nearest.name);
}

int config_set(struct config *config, enum config_setting setting, const char *value,
               struct problem *problem)
{
    return settings[setting].set(config, value, problem);
}
