/* SPDX-License-Identifier: MIT */
#include "tsctl/completion.h"

#include <string.h>

/* What the words before the last one have told. */
struct line {
    const struct command *command;     /* NULL: none yet */
    bool unknown;                      /* what stands where a command should is none */
    bool ended;                        /* `--` was there */
    int arguments;                     /* of the command, that are there already */
    const struct option_spec *pending; /* whose values come next */
    int values_left;                   /* so many */
    const char *socket;
};

/* A value that an option was given. */
static void take_value(struct line *line, const char *value)
{
    if (line->pending->name != NULL && strcmp(line->pending->name, "socket") == 0)
        line->socket = value;
    line->values_left--;
}

/* The option's values come next, the first perhaps in the same word. */
static void expect_values(struct line *line, const struct option_spec *spec, const char *joined)
{
    line->pending = spec;
    line->values_left = spec != NULL ? option_value_count(spec) : 0;
    if (joined != NULL && line->values_left > 0)
        take_value(line, joined);
}

static void read_long(struct line *line, const char *name)
{
    const size_t length = strcspn(name, "=");
    expect_values(line, option_find(line->command, name, length),
                  name[length] == '=' ? name + length + 1 : NULL);
}

static void read_letters(struct line *line, const char *letters)
{
    for (; *letters != '\0'; letters++) {
        const struct option_spec *spec = option_find_letter(line->command, *letters);
        expect_values(line, spec, letters[1] != '\0' ? letters + 1 : NULL);
        if (spec != NULL && spec->values != NULL)
            return;
    }
}

static void read_argument(struct line *line, const char *word)
{
    if (line->command != NULL) {
        line->arguments++;
        return;
    }
    line->command = command_find(word);
    line->unknown = line->command == NULL;
}

static void read_word(struct line *line, const char *word)
{
    if (line->values_left > 0)
        take_value(line, word);
    else if (line->ended)
        read_argument(line, word);
    else if (strcmp(word, "--") == 0)
        line->ended = true;
    else if (word[0] == '-' && word[1] == '-')
        read_long(line, word + 2);
    else if (word[0] == '-' && word[1] != '\0')
        read_letters(line, word + 1);
    else
        read_argument(line, word);
}

static void add_options_of(const struct candidates *candidates, const struct option_spec *list,
                           unsigned uses)
{
    for (; list != NULL && option_spec_is(list); list++) {
        char text[40] = "--";
        if (list->name == NULL || list->help == NULL || list->use & ~uses)
            continue;
        strncat(text, list->name, sizeof(text) - 3);
        candidates_add(candidates, text, list->help);
    }
}

static void add_options(const struct candidates *candidates, const struct command *command)
{
    if (command != NULL)
        add_options_of(candidates, command->options, ~0u);
    add_options_of(candidates, options_everywhere, command != NULL ? command->uses : ~0u);
}

/* What `--name=` is given in the same word. */
static void add_joined(struct candidates *candidates, const struct command *command)
{
    const char *name = candidates->word + 2;
    const size_t length = strcspn(name, "=");
    const struct option_spec *spec = option_find(command, name, length);
    candidates->kept = length + 3;
    if (spec != NULL && option_value_count(spec) == 1)
        candidates_of(candidates, spec->completes, spec->choices);
}

/* What stands behind `--` where a command is run. */
static void add_of_another(const struct candidates *candidates, const struct line *line)
{
    const bool first = line->arguments == line->command->before_dashes;
    buffer_printf(candidates->out, "\t%s\n", first ? "command" : "file");
}

static void add_argument(const struct candidates *candidates, const struct line *line)
{
    const struct command *command = line->command;
    const enum complete source = command->completes[line->arguments > 0];
    candidates_of(candidates, source, command->choices);
}

void completion_of(char **words, int count, struct buffer *out)
{
    struct line line = {0};
    for (int i = 0; i + 1 < count; i++)
        read_word(&line, words[i]);
    const char *word = words[count - 1];
    struct candidates candidates = {.out = out, .word = word, .socket = line.socket};
    if (line.unknown)
        return;
    if (line.values_left == 1)
        candidates_of(&candidates, line.pending->completes, line.pending->choices);
    else if (line.values_left > 1)
        return; /* the name that it gives to a value */
    else if (line.ended && line.command != NULL && line.command->runs_another)
        add_of_another(&candidates, &line);
    else if (!line.ended && word[0] == '-' && word[1] == '-' && strchr(word, '=') != NULL)
        add_joined(&candidates, line.command);
    else if (!line.ended && word[0] == '-')
        add_options(&candidates, line.command);
    else if (line.command == NULL)
        candidates_of(&candidates, COMPLETE_COMMAND, NULL);
    else
        add_argument(&candidates, &line);
}
