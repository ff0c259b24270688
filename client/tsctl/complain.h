/* SPDX-License-Identifier: MIT */
/*
 * Error messages, all in one form on standard error: what, where, what to do.
 *
 *   tsctl: tuple 2: expected a comma or ]
 *     ["task" 7]
 *             ^
 *     put a comma between two fields
 *
 * complain is the first line, complain_at the text with its caret, complain_hint the last line.
 */
#ifndef TSCTL_COMPLAIN_H
#define TSCTL_COMPLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "tsctl/exits.h"

void complain_use_color(bool color);

void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
void complain_hint(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The line of the text in which the byte at offset stands, cut to the screen, with a caret. */
void complain_at(const char *text, size_t size, size_t offset);

/* As complain, for wrong use: `return complain_usage(...)`. */
#define complain_usage(...) (complain(__VA_ARGS__), EXIT_USAGE)

#endif
