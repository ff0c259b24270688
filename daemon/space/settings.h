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

/* What a user is charged for by the engine. */
enum quota {
    QUOTA_REQUESTS,  /* that wait or are under way, watches too */
    QUOTA_INTERESTS, /* their patterns: one for each alternative and guard */
    QUOTA_WAITING,   /* their bytes */
    QUOTA_WATCHES,
    QUOTA_KEYS,
    QUOTA_TUPLES, /* that it put, and that its waiting requests and wills may put */
    QUOTA_BYTES,  /* theirs */
    QUOTA_WILLS,  /* bytes of last wills */
    QUOTAS,
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

struct settings {
    struct quotas quotas;
    const struct rule *rules;
    uint32_t rule_count;
};

#endif
