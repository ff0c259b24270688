/* SPDX-License-Identifier: MIT */
/*
 * What an administrator sets, also while the daemon runs: how much a user may have, and whose a space
 * is that is made. The engine has a copy of it (COMMAND_SETTINGS).
 */
#ifndef TSD_SPACE_SETTINGS_H
#define TSD_SPACE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/request.h"

/* What a user is charged for by the engine: X(NAME, "name of its limit", "what") */
#define ENGINE_QUOTAS(X)                                                                           \
    X(REQUESTS, "user-requests", "requests that wait or are under way")                            \
    X(INTERESTS, "user-interests", "patterns of such requests")                                    \
    X(WAITING, "user-waiting-bytes", "bytes of such requests")                                     \
    X(WATCHES, "user-watches", "watches")                                                          \
    X(KEYS, "user-keys", "keys")                                                                   \
    X(TUPLES, "user-tuples", "tuples") /* those that may come of requests and wills, too */        \
    X(BYTES, "user-bytes", "bytes of tuples")                                                      \
    X(WILLS, "user-will-bytes", "bytes of last wills")                                             \
    X(SPACES, "user-spaces", "spaces")

enum quota {
#define QUOTA_ENUM(NAME, limit, what) QUOTA_##NAME,
    ENGINE_QUOTAS(QUOTA_ENUM)
#undef QUOTA_ENUM
        QUOTAS
};

struct quotas {
    uint64_t user[QUOTAS]; /* 0: no limit */
    uint64_t all_bytes;    /* of all users' tuples together; 0: no limit */
};

/* Whose a space is whose name is, or begins with, this one. */
struct rule {
    struct span name;
    bool prefix;
    bool has_owner, has_group, has_mode; /* else it is as without a rule */
    uint32_t owner, group;
    uint32_t mode; /* MODE bits (access.h) */
};

struct engine_settings {
    struct quotas quotas;
    uint32_t piece; /* tuples that a piece of long work looks at; 0: as it is */
    const struct rule *rules;
    uint32_t rule_count;
};

#endif
