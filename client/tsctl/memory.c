/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* vasprintf */
#include "tsctl/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tsctl/complain.h"
#include "tsctl/exits.h"

void memory_check(bool enough)
{
    if (enough)
        return;
    complain("out of memory");
    exit(EXIT_REFUSED);
}

void *memory_resize(void *block, size_t size)
{
    void *resized = realloc(block, size > 0 ? size : 1);
    memory_check(resized != NULL);
    return resized;
}

char *memory_printf(const char *format, ...)
{
    char *text = NULL;
    va_list list;
    va_start(list, format);
    int size = vasprintf(&text, format, list);
    va_end(list);
    memory_check(size >= 0);
    return text;
}
