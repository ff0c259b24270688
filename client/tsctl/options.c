/* SPDX-License-Identifier: MIT */
#include "tsctl/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/buffer.h"
#include "protocol/nearest.h"
#include "tsctl/command.h"
#include "tsctl/complain.h"
#include "tsctl/exits.h"
#include "tsctl/memory.h"

/* Where options_parse stands. */
struct walk {
    struct call *call;
    char **words; /* the rest of the command line, ended by NULL */
    bool ended;   /* `--` was there */
};

static const struct option_spec *find_by_name(const struct option_spec *list, const char *name,
                                              size_t length)
{
    for (; list != NULL && option_spec_is(list); list++)
        if (list->name != NULL && strlen(list->name) == length &&
            memcmp(list->name, name, length) == 0)
            return list;
    return NULL;
}

static const struct option_spec *find_by_letter(const struct option_spec *list, char letter)
{
    for (; list != NULL && option_spec_is(list); list++)
        if (list->letter == letter)
            return list;
    return NULL;
}

const struct option_spec *option_find(const struct command *command, const char *name,
                                      size_t length)
{
    const struct option_spec *spec =
        command != NULL ? find_by_name(command->options, name, length) : NULL;
    return spec != NULL ? spec : find_by_name(options_everywhere, name, length);
}

const struct option_spec *option_find_letter(const struct command *command, char letter)
{
    const struct option_spec *spec =
        command != NULL ? find_by_letter(command->options, letter) : NULL;
    return spec != NULL ? spec : find_by_letter(options_everywhere, letter);
}

static const struct option_spec *own_options(const struct call *call)
{
    return call->command != NULL ? call->command->options : NULL;
}

/* The first command that has an option of that name. */
static const struct command *owner_of(const char *name, size_t length)
{
    for (const struct command *const *command = commands; *command != NULL; command++)
        if (find_by_name((*command)->options, name, length) != NULL)
            return *command;
    return NULL;
}

static void offer_names(struct nearest *nearest, const struct option_spec *list, unsigned uses)
{
    for (; list != NULL && option_spec_is(list); list++)
        if (list->name != NULL && list->help != NULL && !(list->use & ~uses))
            nearest_offer(nearest, list->name);
}

static int complain_unknown_name(const struct call *call, const char *name, size_t length)
{
    char wanted[64];
    (void)snprintf(wanted, sizeof(wanted), "%.*s", (int)length, name);
    const struct command *owner = owner_of(name, length);
    if (owner != NULL && call->command == NULL) {
        complain("--%s is an option of %s: it stands after the command", wanted, owner->name);
        complain_hint("tsctl %s --%s ...", owner->name, wanted);
        return EXIT_USAGE;
    }
    if (call->command != NULL)
        complain("%s has no option --%s", call->command->name, wanted);
    else
        complain("no option --%s", wanted);
    struct nearest nearest = nearest_to(wanted);
    offer_names(&nearest, own_options(call), ~0u);
    offer_names(&nearest, options_everywhere, call->command != NULL ? call->command->uses : ~0u);
    if (nearest.name != NULL)
        complain_hint("the nearest is --%s", nearest.name);
    else if (owner != NULL)
        complain_hint("%s has it; see tsctl %s -h", owner->name, call->command->name);
    else
        complain_hint("see tsctl %s%s-h", call->command != NULL ? call->command->name : "",
                      call->command != NULL ? " " : "");
    return EXIT_USAGE;
}

/* An option that stands in front of `--`, but is one of the command that is to be run. */
static bool is_for_another(const struct walk *walk)
{
    const struct call *call = walk->call;
    return call->command != NULL && call->command->runs_another &&
           call->argument_count > call->command->before_dashes;
}

static int complain_for_another(const struct call *call, const char *word)
{
    complain("%s has no option %s", call->command->name, word);
    complain_hint(
        "options of a command that is run stand after --, as that does: tsctl %s %s-- %s %s",
        call->command->name, call->command->before_dashes > 0 ? "... " : "",
        call->arguments[call->argument_count - 1], word);
    return EXIT_USAGE;
}

int option_value_count(const struct option_spec *spec)
{
    if (spec->values == NULL)
        return 0;
    return strchr(spec->values, ' ') != NULL ? 2 : 1;
}

/* Takes the option's values, the first from `joined` unless that is NULL, and sets it. */
static int apply(struct walk *walk, const struct option_spec *spec, char *joined)
{
    char *values[2] = {NULL, NULL};
    int have = 0;
    if (joined != NULL)
        values[have++] = joined;
    while (have < option_value_count(spec)) {
        char *next = *walk->words;
        if (next == NULL)
            return complain_usage("--%s takes %s", spec->name, spec->values);
        walk->words++;
        values[have++] = next;
    }
    walk->call->options.used |= spec->use;
    if (spec->set != NULL)
        return spec->set(&walk->call->options, values);
    *(bool *)((char *)&walk->call->options + spec->flag) = true;
    return 0;
}

static int parse_long(struct walk *walk, char *word)
{
    char *name = word + 2;
    char *equals = strchr(name, '=');
    size_t length = equals != NULL ? (size_t)(equals - name) : strlen(name);
    const struct option_spec *spec = option_find(walk->call->command, name, length);
    if (spec == NULL && is_for_another(walk))
        return complain_for_another(walk->call, word);
    if (spec == NULL)
        return complain_unknown_name(walk->call, name, length);
    if (equals != NULL && spec->values == NULL)
        return complain_usage("--%s takes no value", spec->name);
    return apply(walk, spec, equals != NULL ? equals + 1 : NULL);
}

/* Says which commands have it: "in, rd and scan". */
static void hint_users(enum option_use use, const struct command *asked)
{
    const char *pending = NULL;
    struct buffer text = BUFFER_INIT;
    for (const struct command *const *command = commands; *command != NULL; command++) {
        if (!((*command)->uses & use))
            continue;
        if (pending != NULL)
            buffer_printf(&text, "%s%s", text.size > 0 ? ", " : "", pending);
        pending = (*command)->name;
    }
    if (pending != NULL)
        buffer_printf(&text, "%s%s", text.size > 0 ? " and " : "", pending);
    memory_check(!text.failed);
    complain_hint("%.*s have it", (int)text.size, (const char *)text.bytes);
    complain_hint("see tsctl %s -h", asked->name);
    buffer_deinit(&text);
}

/* Options that stand anywhere, but mean nothing to the command. */
static int check_used(const struct call *call)
{
    const struct command *command = call->command;
    if (command == NULL || call->options.short_help || call->options.long_help)
        return 0;
    if (command->runs_another && call->dashes != command->before_dashes &&
        (call->argument_count > command->before_dashes || command->before_dashes == 0))
        return 0; /* it was meant for another: the command tells */
    for (const struct option_spec *spec = options_everywhere; option_spec_is(spec); spec++) {
        if (!(spec->use & call->options.used & ~command->uses))
            continue;
        complain("%s has no option -%c", command->name, spec->letter);
        hint_users(spec->use, command);
        return EXIT_USAGE;
    }
    return 0;
}

static int complain_unknown_letter(const struct call *call, char letter)
{
    const char *who = call->command != NULL ? call->command->name : NULL;
    complain("%s%s option -%c", who != NULL ? who : "no", who != NULL ? " has no" : "", letter);
    complain_hint("see tsctl %s%s-h", who != NULL ? who : "", who != NULL ? " " : "");
    return EXIT_USAGE;
}

static int parse_letters(struct walk *walk, char *word)
{
    for (char *letter = word + 1; *letter != '\0'; letter++) {
        const struct option_spec *spec = option_find_letter(walk->call->command, *letter);
        if (spec == NULL && is_for_another(walk))
            return complain_for_another(walk->call, word);
        if (spec == NULL)
            return complain_unknown_letter(walk->call, *letter);
        if (spec->values != NULL)
            return apply(walk, spec, letter[1] != '\0' ? letter + 1 : NULL);
        int status = apply(walk, spec, NULL);
        if (status != 0)
            return status;
    }
    return 0;
}

static int take_command(struct call *call, const char *name)
{
    call->command = command_find(name);
    return call->command != NULL ? 0 : command_complain_unknown(name);
}

static int parse_word(struct walk *walk, char *word)
{
    struct call *call = walk->call;
    if (!walk->ended && strcmp(word, "--") == 0) {
        walk->ended = true;
        call->dashes = call->argument_count;
        return 0;
    }
    if (!walk->ended && strncmp(word, "--", 2) == 0)
        return parse_long(walk, word);
    if (!walk->ended && word[0] == '-' && word[1] != '\0')
        return parse_letters(walk, word);
    if (call->command == NULL)
        return take_command(call, word);
    call->arguments[call->argument_count++] = word;
    return 0;
}

int options_parse(struct call *call, int argc, char **argv)
{
    struct walk walk = {.call = call, .words = argc > 0 ? argv + 1 : argv};
    call->dashes = -1;
    call->arguments = argv; /* filled from the front: never past what has been read */
    while (*walk.words != NULL) {
        int status = parse_word(&walk, *walk.words++);
        if (status != 0)
            return status;
    }
    return check_used(call);
}

void options_deinit(struct options *options)
{
    named_deinit(&options->named);
    free(options->parts);
}
