/* SPDX-License-Identifier: MIT */
#include "lib/scenario.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/reply.h"
#include "protocol/text_read.h"

static _Noreturn void bad_line(const struct scenario *scenario, const char *why, const char *what)
{
    fprintf(stderr, "%s:%d: %s: %s\n", scenario->path, scenario->line, why, what);
    exit(2);
}

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
    for (size_t i = 0; i < sizeof scenario->bytes / sizeof scenario->bytes[0]; i++)
        buffer_deinit(&scenario->bytes[i]);
}

/* The next line that says something, without blanks at its ends; NULL at the end. */
static char *next_line(struct scenario *scenario)
{
    while (*scenario->at) {
        char *line = scenario->at;
        char *end = line + strcspn(line, "\n");
        scenario->at = *end ? end + 1 : end;
        *end = 0;
        scenario->line++;
        line += strspn(line, " \t");
        for (end = line + strlen(line); end > line && strchr(" \t", end[-1]); end--)
            ;
        *end = 0;
        if (*line && *line != '#')
            return line;
    }
    return NULL;
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

static uint64_t duration(const struct scenario *scenario, const char *text)
{
    char *unit;
    const double number = strtod(text, &unit);
    if (unit == text || number < 0)
        bad_line(scenario, "not a duration", text);
    if (strcmp(unit, "ms") == 0)
        return (uint64_t)(number * 1e6);
    if (strcmp(unit, "us") == 0)
        return (uint64_t)(number * 1e3);
    if (strcmp(unit, "s") == 0 || *unit == 0)
        return (uint64_t)(number * 1e9);
    bad_line(scenario, "not a duration", text);
}

static const struct {
    const char *name;
    enum tsd_operation op;
    bool at_once;
} operations[] = {
    {"out", TSD_OP_OUT, false},       {"in", TSD_OP_IN, false},
    {"inp", TSD_OP_IN, true},         {"rd", TSD_OP_RD, false},
    {"rdp", TSD_OP_RD, true},         {"count", TSD_OP_COUNT, false},
    {"scan", TSD_OP_SCAN, false},     {"cancel", TSD_OP_CANCEL, false},
    {"spaces", TSD_OP_SPACES, false}, {"ping", TSD_OP_PING, false},
};

static void read_operation(const struct scenario *scenario, const char *word,
                           struct request *request)
{
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        if (strcmp(word, operations[i].name) != 0)
            continue;
        request->op = operations[i].op;
        if (operations[i].at_once)
            request->has |= TSD_HAS(TIMEOUT);
        return;
    }
    bad_line(scenario, "unknown action", word);
}

static int tuple_name(const struct scenario *scenario, const struct scenario_names *names,
                      const char *text)
{
    const int name = text[0] == '#' ? atoi(text + 1) : 0;
    if (name < 1 || name > names->count)
        bad_line(scenario, "no such tuple", text);
    return name;
}

static void read_counts(struct request *request, const char *text)
{
    const char *dots = strstr(text, "..");
    request->has |= TSD_HAS(MAX);
    request->max = (uint32_t)atoi(dots ? dots + 2 : text);
    if (!dots)
        return;
    request->has |= TSD_HAS(MIN);
    request->min = (uint32_t)atoi(text);
}

/* Reads one option and its value at *at; false where there is none. */
static bool read_option(const struct scenario *scenario, const struct scenario_names *names,
                        char **at, struct span *space, struct request *request)
{
    if (**at != '-' || (*at)[1] == '>')
        return false;
    char *option = strsep(at, " ");
    if (strcmp(option, "--reverse") == 0) {
        request->has |= TSD_HAS(REVERSE);
        request->reverse = true;
        return true;
    }
    char *value = *at ? strsep(at, " ") : NULL;
    if (!value)
        bad_line(scenario, "an option without a value", option);
    if (strcmp(option, "-s") == 0) {
        *space = (struct span){(const uint8_t *)value, (uint32_t)strlen(value)};
    } else if (strcmp(option, "-n") == 0) {
        read_counts(request, value);
    } else if (strcmp(option, "-t") == 0) {
        request->has |= TSD_HAS(TIMEOUT);
        request->timeout_us = duration(scenario, value) / 1000;
    } else if (strcmp(option, "--id") == 0) {
        request->has |= TSD_HAS(ID);
        request->id = names->ids[tuple_name(scenario, names, value)];
    } else if (strcmp(option, "--after") == 0) {
        const int name = tuple_name(scenario, names, value);
        request->has |= TSD_HAS(CURSOR);
        request->cursor = (struct place){names->priorities[name], names->ids[name]};
    } else if (strcmp(option, "--priority") == 0) {
        request->has |= TSD_HAS(PRIORITY);
        request->priority = (int8_t)atoi(value);
    } else {
        bad_line(scenario, "unknown option", option);
    }
    return true;
}

static void read_tuples(struct scenario *scenario, char *text, struct request *request)
{
    struct buffer *bytes = &scenario->bytes[0];
    struct problem problem;
    buffer_clear(bytes);
    for (char *next; text; text = next) {
        next = strstr(text, " and ");
        if (next) {
            *next = 0;
            next += strlen(" and ");
        }
        if (text_read_tuple(text, strlen(text), NULL, bytes, &problem) < 0)
            bad_line(scenario, problem.text, text);
        request->tuple_count++;
    }
    request->tuples = (struct span){bytes->bytes, (uint32_t)bytes->size};
}

static void read_patterns(struct scenario *scenario, const struct scenario_names *names, char *text,
                          struct span *space, struct request *request)
{
    struct problem problem;
    for (char *next; text; text = next) {
        next = strstr(text, " or ");
        if (next) {
            *next = 0;
            next += strlen(" or ");
        }
        while (read_option(scenario, names, &text, space, request))
            ;
        const uint32_t i = request->alternative_count++;
        struct buffer *bytes = &scenario->bytes[i];
        buffer_clear(bytes);
        if (text_read_pattern(text, strlen(text), NULL, bytes, &problem) < 0)
            bad_line(scenario, problem.text, text);
        request->alternatives[i].space = *space;
        request->alternatives[i].pattern.bytes = bytes->bytes;
        request->alternatives[i].pattern.size = (uint32_t)bytes->size;
    }
    request->space = request->alternatives[0].space;
    if (request->alternative_count > 1)
        request->has |= TSD_HAS(ALTERNATIVES);
}

static void read_request(struct scenario *scenario, const struct scenario_names *names, char *text,
                         struct request *request)
{
    struct span space = {(const uint8_t *)"main", 4};
    *request = (struct request){.min = 1, .max = 1};
    read_operation(scenario, strsep(&text, " "), request);
    while (text && read_option(scenario, names, &text, &space, request))
        ;
    request->space = space;
    if (request->op == TSD_OP_CANCEL)
        request->target = (uint64_t)atoi(text ? text : "0");
    else if (request->op == TSD_OP_OUT)
        read_tuples(scenario, text, request);
    else if (text)
        read_patterns(scenario, names, text, &space, request);
    if (!(request->has & TSD_HAS(MAX)))
        request->max = request->op == TSD_OP_SCAN ? LIMIT_UNIT_TUPLES : request->min;
}

bool scenario_next(struct scenario *scenario, const struct scenario_names *names,
                   struct scenario_step *step)
{
    char *line = next_line(scenario);
    if (!line)
        return false;
    memset(step, 0, sizeof *step);
    step->line = scenario->line;
    snprintf(step->text, sizeof step->text, "%s", line);
    const char *expected = cut_after(line, " -> ");
    if (expected)
        snprintf(step->expected, sizeof step->expected, "%s", expected);
    for (size_t end = strlen(line); end > 0 && line[end - 1] == ' '; end--)
        line[end - 1] = 0;
    if (*line == '+') {
        step->kind = STEP_TIME;
        step->nanoseconds = duration(scenario, line + 1);
        return true;
    }
    if (line[0] < 'a' || line[0] > 'z' || line[1] != ':' || line[2] != ' ')
        bad_line(scenario, "neither `a: action` nor `+time`", line);
    step->session = line[0] - 'a';
    char *action = line + 3;
    if (strcmp(action, "dies") == 0)
        step->kind = STEP_DIES;
    else if (strcmp(action, "leaves") == 0)
        step->kind = STEP_LEAVES;
    else if (strcmp(action, "ack") == 0)
        step->kind = STEP_ACK;
    else
        read_request(scenario, names, action, &step->request);
    return true;
}

static int name_of(const struct scenario_names *names, uint64_t id)
{
    for (int i = 1; i <= names->count; i++)
        if (names->ids[i] == id)
            return i;
    return 0;
}

static void print_items(struct buffer *out, const struct scenario_names *names,
                        const struct scenario_answer *answer)
{
    for (size_t i = 0; i < answer->item_count; i++) {
        const struct item *item = &answer->items[i];
        buffer_printf(out, " #%d", name_of(names, item->id));
        if (item->returns)
            buffer_printf(out, " returns %u", item->returns);
    }
    if (answer->more)
        buffer_printf(out, " more");
}

static void print_done(struct buffer *out, struct scenario_names *names,
                       const struct scenario_answer *answer, const struct scenario_step *step)
{
    switch (answer->op) {
    case TSD_OP_OUT:
        for (uint32_t i = 0; i < step->request.tuple_count; i++) {
            names->ids[++names->count] = answer->value + i;
            names->priorities[names->count] = step->request.priority;
            buffer_printf(out, " #%d", names->count);
        }
        break;
    case TSD_OP_IN:
    case TSD_OP_RD:
        buffer_printf(out, answer->op == TSD_OP_IN ? " takes" : " reads");
        print_items(out, names, answer);
        break;
    case TSD_OP_SCAN:
        if (answer->item_count == 0)
            buffer_printf(out, " none");
        print_items(out, names, answer);
        break;
    case TSD_OP_COUNT:
        buffer_printf(out, " %llu", (unsigned long long)answer->value);
        break;
    case TSD_OP_SPACES:
        for (size_t i = 0; i < answer->row_count; i++)
            buffer_printf(out, " %.*s %llu", (int)answer->rows[i].name.size,
                          (const char *)answer->rows[i].name.bytes,
                          (unsigned long long)answer->rows[i].tuples);
        if (answer->row_count == 0)
            buffer_printf(out, " none");
        break;
    default:
        buffer_printf(out, " done");
    }
}

void scenario_print(struct buffer *out, struct scenario_names *names,
                    const struct scenario_answer *answer, const struct scenario_step *step)
{
    if (out->size > 0)
        buffer_printf(out, ";");
    if (!answer->own)
        buffer_printf(out, " %c", 'a' + answer->session);
    if (!answer->own && answer->several)
        buffer_printf(out, "/%llu", (unsigned long long)answer->number);
    switch (answer->status) {
    case TS_OK:
        print_done(out, names, answer, step);
        break;
    case TS_NOMATCH:
        buffer_printf(out, " none");
        break;
    case TS_TIMEOUT:
        buffer_printf(out, " times out");
        break;
    case TS_CANCELLED:
        buffer_printf(out, " cancelled");
        break;
    case TS_LIMIT:
        buffer_printf(out, " refused: limit");
        break;
    case TS_MALFORMED:
        buffer_printf(out, " refused: malformed");
        break;
    default:
        buffer_printf(out, " status %d", (int)answer->status);
    }
}

bool scenario_check(const struct scenario *scenario, const struct scenario_step *step,
                    const struct buffer *came)
{
    const char *text = came->size > 0 ? (const char *)came->bytes + 1 : "";
    const size_t size = came->size > 0 ? came->size - 1 : 0;
    if (strlen(step->expected) == size && memcmp(step->expected, text, size) == 0)
        return true;
    fprintf(stderr, "%s:%d: %s\n  expected: %s\n  came:     %.*s\n", scenario->path, step->line,
            step->text, step->expected, (int)size, text);
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
