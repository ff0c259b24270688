/* SPDX-License-Identifier: MIT */
/*
 * The text of a configuration file, tsd.conf(5): lines are read here, split by inih, and set by the
 * setters of config.h. No state is kept, and nothing is read but the text and, where it names users
 * and groups, who they are.
 */
#ifndef TSD_CONFIG_FILE_H
#define TSD_CONFIG_FILE_H

#include <stddef.h>

#include "daemon/config.h"

/* Is told each line that is wrong, and what would be right. */
typedef void config_tell(void *context, unsigned line, const char *text);

/* Sets what the text says. Returns how many lines are wrong, all of which have been told; then the
 * configuration is of no use. */
unsigned config_file_parse(struct config *config, const char *text, size_t size, config_tell *tell,
                           void *context);

#endif
