/* SPDX-License-Identifier: MIT */
/*
 * What the options say that `work` alone has. Their list is work_option_list (options.h).
 */
#ifndef TSCTL_WORK_OPTIONS_H
#define TSCTL_WORK_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum work_halt {
    WORK_HALT_NEVER,
    WORK_HALT_SOON, /* what runs is finished */
    WORK_HALT_NOW,  /* what runs is ended and given back */
};

struct work_options {
    unsigned jobs; /* 0: not given */
    bool put, drain, tag, has_returns;
    uint32_t returns;    /* of --max-returns */
    const char *result;  /* NULL: none */
    const char *log;     /* NULL: none */
    uint64_t timeout_us; /* 0: none */
    enum work_halt halt;
    unsigned halt_failures;
};

#endif
