/* SPDX-License-Identifier: MIT */
#include "tsctl/complain.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "tsctl/width.h"

#define CONTEXT_COLUMNS 48 /* shown before the caret, and after it, at most */

static bool use_color;

void complain_use_color(bool color)
{
    use_color = color;
}

static const char *paint(const char *code)
{
    return use_color ? code : "";
}

/* To standard error; where that cannot be written there is nobody to tell. */
__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    (void)vfprintf(stderr, format, list);
    va_end(list);
}

void complain(const char *format, ...)
{
    va_list list;
    tell("%stsctl:%s ", paint("\033[1;31m"), paint("\033[0m"));
    va_start(list, format);
    (void)vfprintf(stderr, format, list);
    va_end(list);
    tell("\n");
}

void complain_hint(const char *format, ...)
{
    va_list list;
    tell("  ");
    va_start(list, format);
    (void)vfprintf(stderr, format, list);
    va_end(list);
    tell("\n");
}

/* The line of the text around offset: its beginning and end. */
static void find_line(const char *text, size_t size, size_t offset, size_t *begin, size_t *end)
{
    *begin = offset;
    while (*begin > 0 && text[*begin - 1] != '\n')
        (*begin)--;
    *end = offset;
    while (*end < size && text[*end] != '\n')
        (*end)++;
}

/* Writes the characters from..to as they take columns: control characters and broken UTF-8 as `?`. */
static unsigned write_columns(const char *text, size_t from, size_t to)
{
    unsigned columns = 0;
    while (from < to) {
        struct width_step step = width_next(text + from, to - from);
        tell("%.*s", step.printable ? (int)step.bytes : 1, step.printable ? text + from : "?");
        columns += step.columns;
        from += step.bytes;
    }
    return columns;
}

/* Moves `begin` forward until at most so many columns are left before offset. */
static size_t cut_front(const char *text, size_t begin, size_t offset, unsigned limit)
{
    unsigned columns = width_of(text + begin, offset - begin);
    while (columns > limit) {
        struct width_step step = width_next(text + begin, offset - begin);
        begin += step.bytes;
        columns -= step.columns;
    }
    return begin;
}

static size_t cut_back(const char *text, size_t offset, size_t end, unsigned limit)
{
    size_t at = offset;
    unsigned columns = 0;
    while (at < end) {
        struct width_step step = width_next(text + at, end - at);
        if (columns + step.columns > limit)
            break;
        columns += step.columns;
        at += step.bytes;
    }
    return at;
}

void complain_at(const char *text, size_t size, size_t offset)
{
    if (offset > size)
        offset = size;
    size_t line, line_end;
    find_line(text, size, offset, &line, &line_end);
    size_t begin = cut_front(text, line, offset, CONTEXT_COLUMNS);
    size_t end = cut_back(text, offset, line_end, CONTEXT_COLUMNS);

    const char *cut = begin > line ? "..." : "";
    tell("  %s", cut);
    unsigned columns = (unsigned)strlen(cut) + write_columns(text, begin, offset);
    write_columns(text, offset, end);
    tell("%s\n  %*s%s^%s\n", end < line_end ? "..." : "", (int)columns, "", paint("\033[1;32m"),
         paint("\033[0m"));
}
