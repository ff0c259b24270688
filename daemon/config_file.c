/* SPDX-License-Identifier: MIT */
/*
 * inih has limits of its own, of which it says nothing: a line longer than its buffer is cut, a
 * section's name at 49 bytes; an indented line is one more value of the key before; a section without
 * keys is not told, nor any wrong line but the first. So lines come to it without what is around them
 * and are refused where they do not fit; sections are read here; and a line that it hands on to nobody
 * is a wrong one.
 */
#include "daemon/config_file.h"

#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "protocol/nearest.h"
#include "protocol/utf8.h"

enum section { SECTION_NONE, SECTION_DAEMON, SECTION_LIMITS, SECTION_SPACE, SECTION_UNKNOWN };

struct reading {
    struct config *config;
    const char *at, *end; /* what is left of the text */
    unsigned line;
    bool pending; /* inih has not handed on what stands on this line */
    enum section section;
    uint32_t rule;             /* SECTION_SPACE: which */
    uint64_t settings, limits; /* what was set: bits */
    config_tell *tell;
    void *context;
    unsigned wrong;
};

_Static_assert(CONFIG_COUNT <= 64, "a bit each");
#define LIMIT_ONE(...) +1
_Static_assert(0 SERVER_LIMITS(LIMIT_ONE) <= 64, "a bit each");
#undef LIMIT_ONE

/* A part of the text. */
struct words {
    const char *at;
    size_t size;
};

static void complain(struct reading *reading, const struct problem *problem)
{
    reading->wrong++;
    reading->tell(reading->context, reading->line, problem->text);
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct words trim(struct words words)
{
    while (words.size > 0 && is_blank(words.at[0]))
        words = (struct words){words.at + 1, words.size - 1};
    while (words.size > 0 && is_blank(words.at[words.size - 1]))
        words.size--;
    return words;
}

static bool is_comment(struct words words)
{
    return words.size == 0 || words.at[0] == '#' || words.at[0] == ';';
}

static bool is_word(struct words words, const char *word)
{
    return words.size == strlen(word) && memcmp(words.at, word, words.size) == 0;
}

/* What stands in the brackets, behind which there is nothing or a comment. */
static bool in_brackets(struct words line, struct words *inside)
{
    for (size_t i = 1; i < line.size; i++) {
        if (line.at[i] == ']' &&
            is_comment(trim((struct words){line.at + i + 1, line.size - i - 1}))) {
            *inside = trim((struct words){line.at + 1, i - 1});
            return true;
        }
    }
    return false;
}

static void unknown_section(struct reading *reading, struct words inside)
{
    char name[64];
    struct nearest nearest;
    struct problem problem;

    (void)snprintf(name, sizeof(name), "%.*s", (int)(inside.size < 63 ? inside.size : 63),
                   inside.at);
    nearest = nearest_to(name);
    nearest_offer(&nearest, "daemon");
    nearest_offer(&nearest, "limits");
    nearest_offer(&nearest, "space");
    problem_set(&problem, TS_INVALID, 0,
                nearest.name ? "there is no section [%s]; the nearest is [%s%s]"
                             : "there is no section [%s], but [daemon], [limits] and [space NAME]",
                name, nearest.name,
                nearest.name && strcmp(nearest.name, "space") == 0 ? " NAME" : "");
    complain(reading, &problem);
}

static void begin_section(struct reading *reading, struct words line)
{
    static const char space[] = "space";
    const size_t length = sizeof(space) - 1;
    struct problem problem;
    struct words inside;

    reading->section = SECTION_UNKNOWN;
    if (!in_brackets(line, &inside)) {
        problem_set(&problem, TS_INVALID, 0,
                    "a section is [daemon], [limits] or [space NAME], and "
                    "nothing but a comment may follow");
        complain(reading, &problem);
    } else if (is_word(inside, "daemon")) {
        reading->section = SECTION_DAEMON;
    } else if (is_word(inside, "limits")) {
        reading->section = SECTION_LIMITS;
    } else if (inside.size >= length && memcmp(inside.at, space, length) == 0 &&
               (inside.size == length || is_blank(inside.at[length]))) {
        inside = trim((struct words){inside.at + length, inside.size - length});
        if (config_rule(reading->config, inside.at, inside.size, &reading->rule, &problem) < 0)
            complain(reading, &problem);
        else
            reading->section = SECTION_SPACE;
    } else {
        unknown_section(reading, inside);
    }
}

/* Where inih handed on nothing of the line before. */
static void end_line(struct reading *reading)
{
    struct problem problem;

    if (!reading->pending)
        return;
    reading->pending = false;
    problem_set(&problem, TS_INVALID, 0,
                "this is no KEY = VALUE, no [section] and no comment, which begins with # or ;");
    complain(reading, &problem);
}

static struct words next_line(struct reading *reading)
{
    static const char mark[] = "\xef\xbb\xbf"; /* some editors begin a file with it */
    const size_t left = (size_t)(reading->end - reading->at);
    const char *newline = memchr(reading->at, '\n', left);
    struct words line = {reading->at, newline ? (size_t)(newline - reading->at) : left};

    reading->at += line.size + (newline != NULL);
    if (reading->line++ == 0 && line.size >= 3 && memcmp(line.at, mark, 3) == 0)
        line = (struct words){line.at + 3, line.size - 3};
    return trim(line);
}

/* Whether inih is to see the line, which then fits. */
static bool is_for_inih(struct reading *reading, struct words line, size_t most)
{
    struct problem problem;

    if (is_comment(line))
        return false;
    if (memchr(line.at, '\0', line.size)) {
        problem_set(&problem, TS_INVALID, 0, "there is a zero byte in the line");
    } else if (!utf8_is_valid(line.at, line.size)) { /* nor could a problem quote it */
        problem_set(&problem, TS_INVALID, 0, "the line is not valid UTF-8");
    } else if (line.at[0] == '[') {
        begin_section(reading, line);
        return false;
    } else if (line.size > most) {
        problem_set(&problem, TS_LIMIT, 0, "the line has %zu bytes, where %zu is the limit",
                    line.size, most);
    } else {
        return true;
    }
    complain(reading, &problem);
    return false;
}

static char *read_line(char *room, int size, void *stream)
{
    struct reading *reading = stream;
    struct words line;

    end_line(reading);
    if (reading->at == reading->end)
        return NULL;
    line = next_line(reading);
    if (is_for_inih(reading, line, (size_t)size - 2))
        reading->pending = true;
    else
        line.size = 0;
    memcpy(room, line.at, line.size);
    memcpy(room + line.size, "\n", 2);
    return room;
}

/* Notes that it is set; -status where it was before. */
static int set_once(uint64_t *set, int index, const char *name, struct problem *problem)
{
    const uint64_t bit = UINT64_C(1) << index;

    if (*set & bit)
        return problem_set(problem, TS_INVALID, 0, "%s is set twice", name);
    *set |= bit;
    return 0;
}

static int set_setting(struct reading *reading, const char *name, const char *value,
                       struct problem *problem)
{
    const int setting = config_find(name, problem);

    if (setting < 0 || set_once(&reading->settings, setting, name, problem) < 0)
        return -(int)problem->status;
    if (config_set(reading->config, (enum config_setting)setting, value, problem) == 0)
        return 0;
    problem_within(problem, "%s", name);
    return -(int)problem->status;
}

static int set_limit(struct reading *reading, const char *name, const char *value,
                     struct problem *problem)
{
    const int limit = limits_set(&reading->config->limits, name, strlen(name), value, problem);

    return limit < 0 ? limit : set_once(&reading->limits, limit, name, problem);
}

/* inih has found a key and its value. */
static int found(void *context, const char *section, const char *name, const char *value)
{
    struct reading *reading = context;
    struct problem problem;
    int result = 0;

    (void)section;
    if (!value) /* it may be built to take a key alone */
        return 1;
    reading->pending = false;
    switch (reading->section) {
    case SECTION_NONE:
        result =
            problem_set(&problem, TS_INVALID, 0,
                        "%s stands in no section: [daemon], [limits] or [space NAME] first", name);
        break;
    case SECTION_DAEMON:
        result = set_setting(reading, name, value, &problem);
        break;
    case SECTION_LIMITS:
        result = set_limit(reading, name, value, &problem);
        break;
    case SECTION_SPACE:
        result =
            config_set_rule(&reading->config->rules[reading->rule], name, value, true, &problem);
        break;
    case SECTION_UNKNOWN: /* that has been told */
        break;
    }
    if (result < 0)
        complain(reading, &problem);
    return 1;
}

unsigned config_file_parse(struct config *config, const char *text, size_t size, config_tell *tell,
                           void *context)
{
    struct reading reading = {
        .config = config, .at = text, .end = text + size, .tell = tell, .context = context};

    (void)ini_parse_stream(read_line, &reading, found, &reading);
    end_line(&reading); /* it may be built to stop at the first wrong line */
    return reading.wrong;
}
