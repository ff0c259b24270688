/* SPDX-License-Identifier: MIT */
/*
 * Values of a configuration: modes, users, groups. Each returns 0, or -TS_INVALID with the problem set
 * and the value as it was.
 */
#ifndef TSD_CONFIG_VALUE_H
#define TSD_CONFIG_VALUE_H

#include <stdint.h>

#include "protocol/problem.h"

/* A file's: octal, from 0 to 0777. */
int config_value_mode(const char *text, uint32_t *mode, struct problem *problem);

/* A space's: octal, or nine of the letters r, w, t and dashes, as `rwtr-----`. */
int config_value_rights(const char *text, uint32_t *mode, struct problem *problem);

/* A name, or a number, of which nothing has to be known. The name service may take long over a name:
 * systemd is told before. */
int config_value_user(const char *text, uint32_t *id, struct problem *problem);
int config_value_group(const char *text, uint32_t *id, struct problem *problem);

#endif
