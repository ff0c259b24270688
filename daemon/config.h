/* SPDX-License-Identifier: MIT */
/*
 * What an administrator sets: in the file tsd.conf(5), and on the command line of tsd(8), which wins.
 *
 * Both come to the same setters, by the tables below and SERVER_LIMITS: what may stand in the file may
 * be said on the command line, and the help and the manual page have it from here (tests hold them
 * against it). A setter checks the whole value and sets all of it, or says what is wrong and sets
 * nothing.
 */
#ifndef TSD_CONFIG_H
#define TSD_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/log.h"
#include "protocol/problem.h"
#include "server/limits.h"
#include "space/settings.h"

/*
 * X(field, "name", letter, "ARGUMENT", "default", "what"): the keys of the section [daemon], and the
 * options of that name. The default is said in words where it is none; an empty value sets it again.
 */
#define CONFIG_SETTINGS(X)                                                                         \
    X(socket, "socket", 'S', "PATH", "by who runs it",                                             \
      "listen at PATH; else at the socket that systemd\n"                                          \
      "passes, else at /run/tsd/socket (root, services)\n"                                         \
      "or $XDG_RUNTIME_DIR/tsd/socket")                                                            \
    X(socket_mode, "socket-mode", 0, "MODE", "0600", "the socket's mode, octal (0600)")            \
    X(socket_group, "socket-group", 0, "GROUP", "of who runs it", "the socket's group")            \
    X(admin_group, "admin-group", 0, "GROUP", "none", "whose members may do everything")           \
    X(log_level, "log-level", 'l', "LEVEL", "notice",                                              \
      "err, warning, notice (the default), info, debug")

/* X(field, "name", "VALUE", "default"): the keys of a section [space NAME]. */
#define CONFIG_RULE_KEYS(X)                                                                        \
    X(owner, "owner", "USER", "who makes it")                                                      \
    X(group, "group", "GROUP", "that of who makes it")                                             \
    X(mode, "mode", "MODE", "0700")

#define CONFIG_MOST_RULES 4096

enum config_setting {
#define CONFIG_INDEX(field, ...) CONFIG_##field,
    CONFIG_SETTINGS(CONFIG_INDEX) CONFIG_COUNT
#undef CONFIG_INDEX
};

struct config {
    char *socket;  /* NULL: what systemd passes, else the default path */
    bool insisted; /* the command line names the socket: before what systemd passes, too */
    mode_t socket_mode;
    bool has_socket_group, has_admin_group;
    gid_t socket_group, admin_group;
    enum log_level log_level;
    struct limits limits;
    struct rule *rules; /* with their names; no two of one name */
    uint32_t rule_count, rule_capacity;
};

void config_init(struct config *config); /* the defaults */
void config_deinit(struct config *config);

/* The setting of that name, or -status with the problem set. */
int config_find(const char *name, struct problem *problem);

/* These return 0, or -status with the problem set. */
int config_set(struct config *config, enum config_setting setting, const char *value,
               struct problem *problem);

/* Finds or makes the rule for a name, which is a prefix where it ends in a star. The index is good for
 * as long as the configuration is. */
int config_rule(struct config *config, const char *name, size_t size, uint32_t *index,
                struct problem *problem);

/* Sets a key of a rule. With `once` it must not be set yet. */
int config_set_rule(struct rule *rule, const char *key, const char *value, bool once,
                    struct problem *problem);

#endif
