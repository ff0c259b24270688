/* SPDX-License-Identifier: MIT */
#include "daemon/usage.h"

#include <string.h>

#include "daemon/config.h"

#define COLUMN 27 /* where it says what an option is for */

/* "  -S, --socket PATH", and from COLUMN on what it is for, line by line. */
static void print_option(FILE *file, char letter, const char *name, const char *argument,
                         const char *what)
{
    char head[64], short_form[8] = "    ";
    size_t size;

    if (letter)
        (void)snprintf(short_form, sizeof(short_form), "-%c, ", letter);
    (void)snprintf(head, sizeof(head), "  %s--%s%s%s", short_form, name, *argument ? " " : "",
                   argument);
    if (strlen(head) < COLUMN) {
        (void)fprintf(file, "%-*s", COLUMN, head);
    } else {
        (void)fprintf(file, "%s\n%*s", head, COLUMN, "");
    }
    for (; (size = strcspn(what, "\n")) && what[size]; what += size + 1)
        (void)fprintf(file, "%.*s\n%*s", (int)size, what, COLUMN, "");
    (void)fprintf(file, "%s\n", what);
}

static void print_options(FILE *file)
{
#define PRINT_SETTING(field, name, letter, argument, value, what)                                  \
    print_option(file, letter, name, argument, what);
    CONFIG_SETTINGS(PRINT_SETTING)
#undef PRINT_SETTING
    print_option(file, 0, "limit", "NAME=VALUE", "set a limit (below)");
    print_option(file, 0, "space", "NAME:KEY=VALUE[,KEY=VALUE...]",
                 "owner, group, mode of spaces of that name, or that\n"
                 "begin with it where it ends in *");
    print_option(file, 0, "config", "FILE", "read this file instead of the default one; '': none");
    print_option(file, 0, "check-config", "", "say whether the configuration is right, and exit");
    print_option(file, 0, "lifeline", "FD", "stop when the pipe FD ends");
    print_option(file, 0, "ready-fd", "FD",
                 "once clients are served write a line to FD and\n"
                 "close it");
    print_option(file, 'h', "help", "", "print this and exit");
    print_option(file, 0, "version", "", "print the release and exit");
}

static void print_limits(FILE *file)
{
#define PRINT_LIMIT(field, name, value, what)                                                      \
    (void)fprintf(file, "  %s=%llu\n        %s\n", name, (unsigned long long)(value), what);
    SERVER_LIMITS(PRINT_LIMIT)
#undef PRINT_LIMIT
}

void usage_print(FILE *file)
{
    (void)fputs("Usage: tsd [OPTION...]\n"
                "Serves tuple spaces to the processes of this host over a Unix domain socket.\n"
                "\n",
                file);
    print_options(file);
    (void)fputs("\n"
                "--limit and --space may be given several times. The file is tsd.conf(5); the\n"
                "command line wins over it. SIGHUP has it read again.\n"
                "\n"
                "Limits, as they are unless set:\n",
                file);
    print_limits(file);
}
