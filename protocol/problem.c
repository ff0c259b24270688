/* SPDX-License-Identifier: MIT */
#include "protocol/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "protocol/utf8.h"

/* What vsnprintf cut off may be part of a character: that goes too. */
static void cut_at_character(char *text)
{
    text[utf8_valid_size(text, strlen(text))] = '\0';
}

int problem_set(struct problem *problem, enum ts_status status, size_t offset, const char *format,
                ...)
{
    va_list arguments;
    va_start(arguments, format);
    problem->status = status;
    problem->offset = offset;
    (void)vsnprintf(problem->text, sizeof problem->text, format, arguments);
    cut_at_character(problem->text);
    va_end(arguments);
    return -(int)status;
}

void problem_within(struct problem *problem, const char *format, ...)
{
    enum { ROOM = sizeof problem->text - 1 };
    char inner[ROOM + 1];
    va_list arguments;
    va_start(arguments, format);
    memcpy(inner, problem->text, sizeof inner);
    int printed = vsnprintf(problem->text, sizeof problem->text, format, arguments);
    va_end(arguments);

    size_t place = printed < 0 ? 0 : printed > ROOM ? ROOM : (size_t)printed;
    size_t colon = ROOM - place < 2 ? ROOM - place : 2;
    memcpy(problem->text + place, ": ", colon);
    size_t rest = strnlen(inner, ROOM - place - colon);
    memcpy(problem->text + place + colon, inner, rest);
    problem->text[place + colon + rest] = '\0';
    cut_at_character(problem->text);
}
