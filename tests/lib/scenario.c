/* SPDX-License-Identifier: MIT */
#include "lib/scenario.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/scenario_read.h"

bool scenario_open(struct scenario *scenario, const char *path)
{
    memset(scenario, 0, sizeof *scenario);
    snprintf(scenario->path, sizeof scenario->path, "%s", path);
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    struct buffer text = BUFFER_INIT;
    char piece[4096];
    size_t size;
    while ((size = fread(piece, 1, sizeof piece, file)) > 0)
        buffer_append(&text, piece, size);
    fclose(file);
    buffer_append_byte(&text, 0);
    scenario->text = scenario->at = (char *)text.bytes;
    return true;
}

void scenario_close(struct scenario *scenario)
{
    free(scenario->text);
    for (size_t i = 0; i < sizeof scenario->patterns / sizeof scenario->patterns[0]; i++)
        buffer_deinit(&scenario->patterns[i]);
    buffer_deinit(&scenario->tuples);
    buffer_deinit(&scenario->tokens);
    buffer_deinit(&scenario->body);
    buffer_deinit(&scenario->text_buffer);
}

/* The end of a line: one that is indented goes on with the line above. */
static char *line_end(struct scenario *scenario, char *line)
{
    for (char *end = line + strcspn(line, "\n"); *end; end += strcspn(end, "\n")) {
        if (end[1] != ' ')
            return end;
        *end = ' ';
        scenario->lines_read++;
    }
    return line + strlen(line);
}

/* The next line that says something, without blanks at its ends; NULL at the end. */
static char *next_line(struct scenario *scenario)
{
    while (*scenario->at) {
        char *line = scenario->at;
        scenario->line = ++scenario->lines_read;
        char *end = line_end(scenario, line);
        scenario->at = *end ? end + 1 : end;
        *end = 0;
        line += strspn(line, " \t");
        for (end = line + strlen(line); end > line && strchr(" \t", end[-1]); end--)
            ;
        *end = 0;
        if (*line && *line != '#')
            return line;
    }
    return NULL;
}

/* Runs of blanks as one, and none before a `;`. */
static void copy_expected(char *to, const char *from, size_t most)
{
    const char *const end = to + most - 1;
    for (from += strspn(from, " "); *from && to < end; from++) {
        if (*from == ' ' && (from[1] == ' ' || from[1] == ';'))
            continue;
        *to++ = *from;
    }
    *to = 0;
}

/* Cuts the text at the last occurrence of a word; returns what follows it, or NULL. */
static char *cut_after(char *text, const char *word)
{
    char *found = NULL;
    for (char *at = text; (at = strstr(at, word)); at++)
        found = at;
    if (!found)
        return NULL;
    *found = 0;
    return found + strlen(word);
}

/* What a line other than a request is; false where it is one. */
static bool read_action(const char *action, enum scenario_kind *kind)
{
    static const struct {
        const char *text;
        enum scenario_kind kind;
    } actions[] = {{"dies", STEP_DIES},
                   {"leaves", STEP_LEAVES},
                   {"ack", STEP_ACK},
                   {"is cut off", STEP_CUT_OFF},
                   {"is stopped", STEP_STOPPED}};
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (strcmp(action, actions[i].text) != 0)
            continue;
        *kind = actions[i].kind;
        return true;
    }
    return false;
}

/* `a: ` or `z@8: `; returns what follows. */
static char *read_session(const struct scenario *scenario, char *line, struct scenario_step *step)
{
    char *colon = strstr(line, ": ");
    if (line[0] < 'a' || line[0] > 'z' || !colon || (line[1] != ':' && line[1] != '@'))
        scenario_bad(scenario, "neither `a: action` nor `+time`", line);
    step->session = line[0] - 'a';
    if (line[1] == '@')
        step->user = (uint32_t)strtoul(line + 2, NULL, 10);
    return colon + 2;
}

bool scenario_next(struct scenario *scenario, const struct scenario_state *state,
                   struct scenario_step *step)
{
    char *line = next_line(scenario);
    if (line && strcmp(line, "in virtual time") == 0) {
        scenario->virtual_time = true;
        line = scenario->daemon ? NULL : next_line(scenario);
    }
    if (!line)
        return false;
    memset(step, 0, sizeof *step);
    step->line = scenario->line;
    snprintf(step->text, sizeof step->text, "%s", line);
    char *expected = cut_after(line, " -> ");
    if (expected)
        copy_expected(step->expected, expected, sizeof step->expected);
    for (size_t end = strlen(line); end > 0 && line[end - 1] == ' '; end--)
        line[end - 1] = 0;
    if (*line == '+') {
        step->kind = STEP_TIME;
        step->nanoseconds = scenario_duration(scenario, line + 1);
        return true;
    }
    char *action = read_session(scenario, line, step);
    if (step->user && scenario->daemon && !scenario->other_users)
        return false;
    if (!read_action(action, &step->kind))
        scenario_read_request(scenario, state, action, step);
    return true;
}

bool scenario_check(const struct scenario *scenario, const struct scenario_step *step,
                    const struct buffer *told)
{
    if (strlen(step->expected) == told->size &&
        (told->size == 0 || memcmp(step->expected, told->bytes, told->size) == 0))
        return true;
    fprintf(stderr, "%s:%d: %s\n  expected: %s\n  came:     %.*s\n", scenario->path, step->line,
            step->text, step->expected, (int)told->size, (const char *)told->bytes);
    return false;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

int scenario_files(const char *folder, char paths[][256], int most)
{
    DIR *dir = opendir(folder);
    int count = 0;
    if (!dir)
        return 0;
    for (const struct dirent *entry; (entry = readdir(dir)) && count < most;) {
        const size_t length = strlen(entry->d_name);
        if (length > 4 && strcmp(entry->d_name + length - 4, ".scn") == 0)
            snprintf(paths[count++], 256, "%s/%.200s", folder, entry->d_name);
    }
    closedir(dir);
    qsort(paths, (size_t)count, 256, by_text);
    return count;
}
