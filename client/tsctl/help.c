/* SPDX-License-Identifier: MIT */
#include "tsctl/help.h"

#include <stdarg.h>

#define OPTION_COLUMNS 26 /* where the texts of options start */

/* What cannot be written shows when standard output is flushed at the end. */
__attribute__((format(printf, 2, 3))) static void print(FILE *out, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    (void)vfprintf(out, format, list);
    va_end(list);
}

static void print_option(FILE *out, const struct option_spec *spec)
{
    char text[64], letter[] = {spec->letter != '\0' ? '-' : ' ', spec->letter, '\0'};
    bool both = spec->letter != '\0' && spec->name != NULL;
    int size = snprintf(text, sizeof(text), "%-2s%s%s%s%s%s", letter, both ? ", " : "  ",
                        spec->name != NULL ? "--" : "", spec->name != NULL ? spec->name : "",
                        spec->values != NULL ? " " : "", spec->values != NULL ? spec->values : "");
    if (size >= OPTION_COLUMNS)
        print(out, "  %s\n  %*s  %s\n", text, OPTION_COLUMNS - 2, "", spec->help);
    else
        print(out, "  %-*s%s\n", OPTION_COLUMNS, text, spec->help);
}

/* The options that stand anywhere, of those uses: 0 for those of every command. */
static void print_shared(FILE *out, unsigned uses)
{
    for (const struct option_spec *spec = options_everywhere; option_spec_is(spec); spec++) {
        if (uses == 0 ? spec->use != 0 : !(spec->use & uses))
            continue;
        print_option(out, spec);
    }
}

static void print_usage(FILE *out, const struct command *command)
{
    if (command == NULL) {
        print(out, "usage: tsctl [OPTION...] COMMAND [ARGUMENT...]\n");
        return;
    }
    print(out, "usage: tsctl %s [OPTION...]%s%s\n", command->name,
          command->arguments[0] != '\0' ? " " : "", command->arguments);
    print(out, "%s: %s\n", command->name, command->summary);
}

static void print_commands(FILE *out)
{
    print(out, "\nCommands:\n");
    for (const struct command *const *command = commands; *command != NULL; command++)
        print(out, "  %-12s%s\n", (*command)->name, (*command)->summary);
}

static bool has_own_options(const struct command *command)
{
    bool any = command->uses != 0;
    for (const struct option_spec *spec = command->options; spec != NULL && option_spec_is(spec);
         spec++)
        any = any || spec->help != NULL; /* else it is known only to be refused */
    return any;
}

static void print_own_options(FILE *out, const struct command *command)
{
    if (!has_own_options(command)) {
        print(out, "\nOptions are those of every command: see tsctl --help.\n");
        return;
    }
    print(out, "\nOptions of %s (for those of every command see tsctl --help):\n", command->name);
    for (const struct option_spec *spec = command->options; spec != NULL && option_spec_is(spec);
         spec++)
        if (spec->help != NULL)
            print_option(out, spec);
    if (command->uses != 0)
        print_shared(out, command->uses);
}

void help_print_short(FILE *out, const struct command *command)
{
    print_usage(out, command);
    if (command == NULL) {
        print_commands(out);
        print(out, "\nSee tsctl COMMAND --help, or tsctl --help for the options.\n");
        return;
    }
    print_own_options(out, command);
    print(out, "See tsctl %s --help for more, and examples.\n", command->name);
}

static void print_first_examples(FILE *out)
{
    print(out, "%s",
          "\nExamples:\n"
          "  tsctl out --arg f \"it's a name.png\" '[\"task\", 1, $f]'\n"
          "  tsctl in '[\"task\", ?int, ?str]'\n"
          "  tsctl run -- sh -c 'tsctl out \"[1]\" && tsctl in \"[?int]\"'\n"
          "\n"
          "Tuples and patterns stand in single quotes; ts-notation(7) says how they are\n"
          "written. Exit status: 0 done, 1 no match, 2 usage, 3 timed out, 4 refused,\n"
          "5 no daemon or the connection was lost, 6 done but not all of it; run and hold\n"
          "end with their command's, or 124 timed out, 125 tsctl failed.\n"
          "See tsctl(1).\n");
}

void help_print_long(FILE *out, const struct command *command)
{
    print_usage(out, command);
    if (command != NULL) {
        print(out, "\n%s", command->help);
        print_own_options(out, command);
    } else {
        print_commands(out);
    }
    if (command == NULL) {
        print(out, "\nOptions of every command, before or after it:\n");
        print_shared(out, 0);
        print(out, "\nOptions of those commands that list them, before or after the command:\n");
        print_shared(out, ~0u);
        print_first_examples(out);
        return;
    }
    print(out, "\nExamples:\n");
    for (const char *const *example = command->examples; *example != NULL; example++)
        print(out, "  %s\n", *example);
}
