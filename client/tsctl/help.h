/* SPDX-License-Identifier: MIT */
/*
 * Help, made from the table of commands and of options. A NULL command: tsctl as a whole.
 */
#ifndef TSCTL_HELP_H
#define TSCTL_HELP_H

#include <stdio.h>

#include "tsctl/command.h"

void help_print_short(FILE *out, const struct command *command);
void help_print_long(FILE *out, const struct command *command);

#endif
