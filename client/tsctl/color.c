/* SPDX-License-Identifier: MIT */
#include "tsctl/color.h"

#include <stdlib.h>
#include <unistd.h>

bool color_is_wanted(enum color color, int fd)
{
    const char *no_color = getenv("NO_COLOR");
    if (color == COLOR_AUTO)
        return isatty(fd) && (no_color == NULL || no_color[0] == '\0');
    return color == COLOR_ALWAYS;
}
