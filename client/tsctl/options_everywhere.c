/* SPDX-License-Identifier: MIT */
/*
 * The options that stand anywhere: their table, and what each sets.
 */
#include <string.h>
#include <unistd.h>

#include "tsctl/complain.h"
#include "tsctl/exits.h"
#include "tsctl/options.h"
#include "tsctl/quantity.h"

static int set_space(struct options *options, char **values)
{
    options->space = values[0];
    return option_check_space("space", values[0]);
}

static int set_socket(struct options *options, char **values)
{
    options->socket = values[0];
    return 0;
}

static const struct format_name {
    const char *name;
    enum format format;
    bool input;
} formats[] = {
    {"notation", FORMAT_NOTATION, true},
    {"json", FORMAT_JSON, true},
    {"raw", FORMAT_RAW, true},
    {"tsv", FORMAT_TSV, false},
    {"sh", FORMAT_SH, false},
    {"table", FORMAT_TABLE, false},
};

static const struct format_name *find_format(const char *name)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}

static int set_output(struct options *options, char **values)
{
    const struct format_name *found = find_format(values[0]);
    if (found == NULL) {
        complain("--output: no format '%s'", values[0]);
        complain_hint("there are notation, json, raw, tsv, sh and table");
        return EXIT_USAGE;
    }
    options->output = found->format;
    return 0;
}

static int set_input(struct options *options, char **values)
{
    const struct format_name *found = find_format(values[0]);
    if (found == NULL || !found->input) {
        complain("--input: no format '%s'", values[0]);
        complain_hint("there are notation, json and raw");
        return EXIT_USAGE;
    }
    options->input = found->format;
    return 0;
}

static int set_timeout(struct options *options, char **values)
{
    options->has_timeout = true;
    return option_read_duration("timeout", values[0], NULL, &options->timeout_us);
}

static int set_wait(struct options *options, char **values)
{
    return option_read_duration("wait", values[0], NULL, &options->wait_us);
}

static int set_count(struct options *options, char **values)
{
    options->has_count = true;
    if (quantity_parse_count(values[0], &options->min, &options->max))
        return 0;
    complain("--count: '%s' is not a count", values[0]);
    complain_hint("such as 10 (at most 10), 5..10 (at least 5), all");
    return EXIT_USAGE;
}

static int set_fields(struct options *options, char **values)
{
    if (fields_parse(values[0], &options->fields))
        return 0;
    complain("--fields: '%s' is not a list of fields", values[0]);
    complain_hint("such as 2, 1,3, 2..4, 2..; the first field is 1, the last possible one 255");
    return EXIT_USAGE;
}

static int set_color(struct options *options, char **values)
{
    static const char *const names[] = {"auto", "always", "never"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(values[0], names[i]) == 0) {
            options->color = (enum color)i;
            complain_use_color(color_is_wanted(options->color, STDERR_FILENO));
            return 0;
        }
    }
    return complain_usage("--color: '%s' is not auto, always or never", values[0]);
}

static void note_named(struct options *options, const char *option, char **values)
{
    options->last_named.option = option;
    options->last_named.name = values[0];
    options->last_named.value = values[1];
}

static int set_arg(struct options *options, char **values)
{
    note_named(options, "arg", values);
    return named_add_str(&options->named, values[0], values[1]);
}

static int set_argjson(struct options *options, char **values)
{
    note_named(options, "argjson", values);
    return named_add_notation(&options->named, values[0], values[1]);
}

static int set_rawfile(struct options *options, char **values)
{
    note_named(options, "rawfile", values);
    return named_add_str_file(&options->named, values[0], values[1]);
}

static int set_binfile(struct options *options, char **values)
{
    note_named(options, "binfile", values);
    return named_add_bin_file(&options->named, values[0], values[1]);
}

const struct option_spec options_everywhere[] = {
    {"space", 's', "NAME", "the space ($TSD_SPACE, else main)", .set = set_space,
     .completes = COMPLETE_SPACE},
    {"socket", 'S', "PATH", "the daemon's socket (else $TSD_SOCKET, the usual)", .set = set_socket,
     .completes = COMPLETE_FILE},
    {"output", 'o', "FORMAT", "notation, json, raw, tsv, sh or table", .set = set_output,
     .completes = COMPLETE_CHOICE, .choices = "notation json raw tsv sh table"},
    {"input", 'i', "FORMAT", "notation, json or raw: how tuples are given", .set = set_input,
     .completes = COMPLETE_CHOICE, .choices = "notation json raw"},
    {"timeout", 't', "DURATION", "wait at most: 5, 0.5, 250ms, 2m", .set = set_timeout,
     .use = USE_TIMEOUT},
    {"count", 'n', "COUNT", "how many: 10, 5..10, all", .set = set_count, .use = USE_COUNT},
    {"fields", 'f', "FIELDS", "print these fields, strs as they are: 2 or 1,3..",
     .set = set_fields},
    {"null", '0', NULL, "records end with a zero byte instead of a newline",
     .flag = offsetof(struct options, null)},
    {"quiet", 'q', NULL, "print nothing: the exit status tells",
     .flag = offsetof(struct options, quiet)},
    {"wait", 'w', "DURATION", "wait so long for the daemon to appear", .set = set_wait},
    {"color", 0, "WHEN", "auto, always or never ($NO_COLOR: never)", .set = set_color,
     .completes = COMPLETE_CHOICE, .choices = "auto always never"},
    {"arg", 0, "NAME VALUE", "$NAME is the str VALUE", .set = set_arg},
    {"argjson", 0, "NAME NOTATION", "$NAME is that value", .set = set_argjson},
    {"rawfile", 0, "NAME FILE", "$NAME is the content of FILE as a str", .set = set_rawfile,
     .completes = COMPLETE_FILE},
    {"binfile", 0, "NAME FILE", "$NAME is the content of FILE as a bin; - is stdin",
     .set = set_binfile, .completes = COMPLETE_FILE},
    {NULL, 'h', NULL, "short help", .flag = offsetof(struct options, short_help)},
    {"help", 0, NULL, "help with examples", .flag = offsetof(struct options, long_help)},
    {"version", 'V', NULL, "the version", .flag = offsetof(struct options, version)},
    {0},
};
