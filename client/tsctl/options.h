/* SPDX-License-Identifier: MIT */
/*
 * Options: those that stand anywhere on the command line, and a command's own.
 *
 * A table of option_spec says everything about an option; help is made from it too. Options may
 * stand before or after their arguments, single letters may be joined (`-qn3`), a value may follow
 * its letter or an `=`. `--` ends options. Names are not abbreviated. The last one given holds.
 */
#ifndef TSCTL_OPTIONS_H
#define TSCTL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsctl/color.h"
#include "tsctl/fields.h"
#include "tsctl/named.h"
#include "tsctl/work_options.h"

enum format {
    FORMAT_DEFAULT, /* of the command: notation for tuples, a table for tables */
    FORMAT_NOTATION,
    FORMAT_JSON,
    FORMAT_RAW,
    FORMAT_TSV,
    FORMAT_SH,
    FORMAT_TABLE,
};

#define COUNT_ALL UINT64_MAX

/* A guard or step of atomic, as it was given. */
struct part {
    enum part_kind { PART_IN, PART_HOLD, PART_RD, PART_ABSENT, PART_OUT, PART_FINISH } kind;
    const char *word;
};

struct options {
    const char *space;  /* NULL: $TSD_SPACE, else the default one */
    const char *socket; /* NULL: $TSD_SOCKET, else the usual places */
    enum format output, input;
    bool has_timeout, has_count;
    uint64_t timeout_us;
    uint64_t min, max; /* of -n; max is COUNT_ALL for `all` */
    struct field_list fields;
    bool null, quiet;
    uint64_t wait_us;
    enum color color;
    struct named named;
    struct {
        const char *option, *name, *value; /* of the last --arg or its kin; NULL for none */
    } last_named;
    unsigned used; /* which of enum option_use were given */
    bool short_help, long_help, version;
    /* commands' own; durations in microseconds, 0: not given */
    bool ids, atomic, follow, reverse, bound, pulse, finish, now, progress, all, yes, state, force,
        stuck;
    int priority;
    uint64_t ttl_us, delay_us, window_us, hold_us;
    const char *each, *key, *to;
    unsigned events; /* each as 1 << its number; 0: all */
    struct part *parts;
    size_t part_count; /* of atomic, in the order given */
    bool has_capacity, has_max_returns;
    uint64_t capacity;
    uint32_t max_returns;
    const char *dead_letter; /* NULL: as it is */
    bool has_owner, has_group, has_mode;
    uint32_t owner, group, mode;
    const char *sort;  /* of a table: a column; NULL: as it comes */
    uint64_t watch_us; /* again after each; 0: once */
    bool no_headers;
    const char *config; /* of a private daemon; NULL: none */
    struct work_options work;
};

/* Options that may stand anywhere, but mean something to some commands only. */
enum option_use { USE_TIMEOUT = 1, USE_COUNT = 2 };

/* What a shell completes a value or an argument with. */
enum complete {
    COMPLETE_NOTHING,
    COMPLETE_CHOICE, /* one of the choices */
    COMPLETE_LIST,   /* some of them, with commas between */
    COMPLETE_FILE,
    COMPLETE_SPACE, /* these two: as the daemon tells */
    COMPLETE_CLIENT,
    COMPLETE_USER,
    COMPLETE_GROUP,
    COMPLETE_COMMAND, /* a command of tsctl */
};

struct option_spec {
    const char *name;   /* without the two dashes; NULL for none */
    char letter;        /* 0 for none */
    const char *values; /* "NAME VALUE", a word each; NULL for none */
    const char *help;   /* NULL: not listed, known only to be refused */
    /* Returns 0, or EXIT_USAGE after it has complained. */
    int (*set)(struct options *options, char **values);
    size_t flag;         /* where set is NULL: the offset in struct options of what it makes true */
    enum option_use use; /* 0: it is for every command that has it in its list */
    enum complete completes; /* its value, the last where it has two */
    const char *choices;     /* with a blank between */
};

/* Whether it is an option, and not the end of a list. */
static inline bool option_spec_is(const struct option_spec *spec)
{
    return spec->name != NULL || spec->letter != '\0';
}

extern const struct option_spec options_everywhere[]; /* ended by zeroes */
extern const struct option_spec work_option_list[];   /* of work */

/* Setters that several commands have in their tables. */
int option_set_priority(struct options *options, char **values);
int option_set_for(struct options *options, char **values);
int option_set_delay(struct options *options, char **values);
int option_set_to(struct options *options, char **values);
int option_set_sort(struct options *options, char **values);
int option_set_watch(struct options *options, char **values);

/*
 * The duration that an option was given; `zero` says what is wrong with none at all, NULL where that
 * is fine. Returns 0, or EXIT_USAGE after it has complained.
 */
int option_read_duration(const char *option, const char *text, const char *zero, uint64_t *us);

/* Whether a space can be named so; EXIT_USAGE after it has complained. */
int option_check_space(const char *option, const char *name);

struct call;
struct command;

/* The command's own option of that name or letter, else the one that stands anywhere; NULL for none. The
 * command may be NULL. */
const struct option_spec *option_find(const struct command *command, const char *name,
                                      size_t length);
const struct option_spec *option_find_letter(const struct command *command, char letter);
int option_value_count(const struct option_spec *spec); /* 0 to 2 */

/* Reads the command line into the call. Returns 0, or EXIT_USAGE after it has complained. */
int options_parse(struct call *call, int argc, char **argv);
void options_deinit(struct options *options);

#endif
