/* SPDX-License-Identifier: MIT */
/*
 * Whether something is written in colour: --color, $NO_COLOR, and the terminal.
 */
#ifndef TSCTL_COLOR_H
#define TSCTL_COLOR_H

#include <stdbool.h>

enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

bool color_is_wanted(enum color color, int fd);

#endif
