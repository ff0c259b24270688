/* SPDX-License-Identifier: MIT */
/*
 * Values by name: --arg and its kin, used as `$name` in tuples and patterns.
 *
 * So a shell variable gets into a tuple without ever being part of its text. Of a name given twice
 * the later value holds.
 */
#ifndef TSCTL_NAMED_H
#define TSCTL_NAMED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/buffer.h"
#include "protocol/text_read.h"

struct named_value {
    const char *name;
    struct buffer value; /* MessagePack */
};

struct named {
    struct named_value *list;
    size_t count;
    bool reads_stdin; /* the value of one is standard input */
};

/* Each takes NAME and what follows it; returns 0, or EXIT_USAGE after it has complained. */
int named_add_str(struct named *named, const char *name, const char *text);
int named_add_notation(struct named *named, const char *name, const char *text);
int named_add_str_file(struct named *named, const char *name, const char *path);
int named_add_bin_file(struct named *named, const char *name, const char *path);

/* Sets a name to a str of these bytes without a check: `$line`. What is read with it is checked. */
void named_set_str(struct named *named, const char *name, const void *bytes, size_t size);

/* For text_read; valid until the next name is added. */
struct text_names named_for_text(struct named *named);

void named_deinit(struct named *named);

#endif
