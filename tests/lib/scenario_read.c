/* SPDX-License-Identifier: MIT */
#include "lib/scenario_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/text_read.h"

_Noreturn void scenario_bad(const struct scenario *scenario, const char *why, const char *what)
{
    fprintf(stderr, "%s:%d: %s: %s\n", scenario->path, scenario->line, why, what);
    exit(2);
}

uint64_t scenario_duration(const struct scenario *scenario, const char *text)
{
    char *unit;
    const double number = strtod(text, &unit);
    if (unit == text || number < 0)
        scenario_bad(scenario, "not a duration", text);
    if (strcmp(unit, "ms") == 0)
        return (uint64_t)(number * 1e6 + 0.5);
    if (strcmp(unit, "us") == 0)
        return (uint64_t)(number * 1e3 + 0.5);
    if (strcmp(unit, "s") == 0 || *unit == 0)
        return (uint64_t)(number * 1e9 + 0.5);
    scenario_bad(scenario, "not a duration", text);
}

char *scenario_word(char **at)
{
    if (!*at)
        return NULL;
    char *word = *at + strspn(*at, " ");
    char *end = word + strcspn(word, " ");
    *at = *end ? end + 1 : end;
    *end = 0;
    return *word ? word : NULL;
}

/* The end of the str that begins at text. */
static const char *str_end(const char *text)
{
    for (text++; *text && *text != '"'; text++)
        if (*text == '\\' && text[1])
            text++;
    return text;
}

char *scenario_bracketed(const struct scenario *scenario, char **at)
{
    char *begin = *at ? *at + strspn(*at, " ") : "";
    int depth = 0;
    if (*begin != '[')
        scenario_bad(scenario, "no tuple or pattern where one is to be", begin);
    for (char *end = begin; *end; end++) {
        if (*end == '"')
            end = begin + (str_end(end) - begin);
        depth += *end == '[';
        depth -= *end == ']';
        if (depth > 0)
            continue;
        *at = end[1] ? end + 2 : end + 1;
        end[1] = 0;
        return begin;
    }
    scenario_bad(scenario, "a bracket is not closed", begin);
}

static const struct {
    const char *name;
    enum tsd_operation op;
    bool at_once;
} operations[] = {{"inp", TSD_OP_IN, true},
                  {"rdp", TSD_OP_RD, true},
                  {"discard", TSD_OP_COLLECT, false},
#define OPERATION(number, NAME, name, ...) {name, TSD_OP_##NAME, false},
                  TSD_OPERATIONS(OPERATION)
#undef OPERATION
};

static void read_operation(const struct scenario *scenario, const char *word,
                           struct request *request)
{
    for (size_t i = 0; word && i < sizeof operations / sizeof operations[0]; i++) {
        if (strcmp(word, operations[i].name) != 0)
            continue;
        request->op = operations[i].op;
        if (operations[i].at_once)
            request->has |= TSD_HAS(TIMEOUT);
        return;
    }
    scenario_bad(scenario, "unknown action", word ? word : "");
}

/* ` and ` or ` or ` between two brackets: moves past it; false at the end. */
static bool another(const struct scenario *scenario, char **at, const char *word)
{
    char *next = scenario_word(at);
    if (next && strcmp(next, word) != 0)
        scenario_bad(scenario, "not what follows", next);
    return next != NULL;
}

static void read_tuples(struct scenario_reader *reader, char **at)
{
    struct scenario *scenario = reader->scenario;
    struct request *request = &reader->step->request;
    struct problem problem;
    if (!*at || !(*at)[strspn(*at, " ")])
        return;
    do {
        const char *text = scenario_bracketed(scenario, at);
        if (text_read_tuple(text, strlen(text), NULL, &scenario->tuples, &problem) < 0)
            scenario_bad(scenario, problem.text, text);
        request->tuple_count++;
    } while (another(scenario, at, "and"));
    request->tuples = (struct span){scenario->tuples.bytes, (uint32_t)scenario->tuples.size};
}

void scenario_pattern(struct scenario_reader *reader, char **at)
{
    struct scenario *scenario = reader->scenario;
    struct request *request = &reader->step->request;
    struct problem problem;
    const char *text = scenario_bracketed(scenario, at);
    if (request->alternative_count == LIMIT_GUARDS)
        scenario_bad(scenario, "too many patterns", text);
    const uint32_t i = request->alternative_count++;
    struct buffer *bytes = &scenario->patterns[i];
    buffer_clear(bytes);
    if (text_read_pattern(text, strlen(text), NULL, bytes, &problem) < 0)
        scenario_bad(scenario, problem.text, text);
    request->alternatives[i].space = reader->space;
    request->alternatives[i].pattern.bytes = bytes->bytes;
    request->alternatives[i].pattern.size = (uint32_t)bytes->size;
}

static void read_patterns(struct scenario_reader *reader, char **at)
{
    struct request *request = &reader->step->request;
    do {
        while (scenario_option(reader, at))
            ;
        scenario_pattern(reader, at);
    } while (another(reader->scenario, at, "or"));
    request->space = request->alternatives[0].space;
    if (request->alternative_count > 1)
        request->has |= TSD_HAS(ALTERNATIVES);
}

static void read_explained(struct scenario_reader *reader, char **at)
{
    struct scenario *scenario = reader->scenario;
    struct request *request = &reader->step->request;
    struct problem problem;
    scenario_pattern(reader, at);
    if (!another(scenario, at, "for"))
        return;
    const char *text = scenario_bracketed(scenario, at);
    if (text_read_tuple(text, strlen(text), NULL, &scenario->tuples, &problem) < 0)
        scenario_bad(scenario, problem.text, text);
    request->has |= TSD_HAS(TUPLE);
    request->tuple_count = 1;
    request->tuples = (struct span){scenario->tuples.bytes, (uint32_t)scenario->tuples.size};
}

struct token scenario_token(const struct scenario_reader *reader, const char *name)
{
    const struct scenario_state *state = reader->state;
    const struct scenario_kept *kept = NULL;
    const int n = atoi(name + 1);
    if (strcmp(name, "t0") == 0)
        return (struct token){.number = UINT64_MAX};
    if (*name == '#' && n > 0 && n <= state->named)
        kept = scenario_kept_of(state, reader->step->session, state->ids[n]);
    else if (*name == 't')
        kept = scenario_hold(state, n);
    if (!kept)
        scenario_bad(reader->scenario, "nobody was given that", name);
    struct token token = kept->token;
    token.secret ^= reader->guess && !token.delivery;
    return token;
}

static void read_tokens(struct scenario_reader *reader, char **at)
{
    struct scenario *scenario = reader->scenario;
    struct request *request = &reader->step->request;
    while (*at && (*at += strspn(*at, " ")) && (**at == '#' || **at == 't')) {
        const struct token token = scenario_token(reader, scenario_word(at));
        token_encode(&token, &scenario->tokens);
        request->token_count++;
    }
    request->tokens = (struct span){scenario->tokens.bytes, (uint32_t)scenario->tokens.size};
}

static void read_name(struct scenario_reader *reader, char **at)
{
    const char *name = scenario_word(at);
    if (!name)
        scenario_bad(reader->scenario, "a space has a name", reader->step->text);
    reader->step->request.space = (struct span){(const uint8_t *)name, (uint32_t)strlen(name)};
}

/* Each argument of the operation, as it stands in a line. */
static void read_arguments(struct scenario_reader *reader, char *text)
{
    struct request *request = &reader->step->request;
    switch (request->op) {
    case TSD_OP_CANCEL:
        request->target = (uint64_t)atoi(text ? text : "0");
        break;
    case TSD_OP_OUT:
    case TSD_OP_WILL:
        read_tuples(reader, &text);
        break;
    case TSD_OP_FINISH:
    case TSD_OP_RELEASE:
    case TSD_OP_RENEW:
        read_tokens(reader, &text);
        read_tuples(reader, &text);
        break;
    case TSD_OP_ATOMIC:
        scenario_read_atomic(reader, &text);
        break;
    case TSD_OP_SPACE:
    case TSD_OP_REMOVE:
        read_name(reader, &text);
        break;
    case TSD_OP_EXPLAIN:
        read_explained(reader, &text);
        break;
    case TSD_OP_SPACES:
    case TSD_OP_PING:
        break;
    default:
        read_patterns(reader, &text);
    }
}

void scenario_read_request(struct scenario *scenario, const struct scenario_state *state,
                           char *text, struct scenario_step *step)
{
    struct request *request = &step->request;
    struct scenario_reader reader = {scenario, state, step, {(const uint8_t *)"main", 4}, false};
    *request = (struct request){.min = 1, .max = 1};
    buffer_clear(&scenario->tuples);
    buffer_clear(&scenario->tokens);
    buffer_clear(&scenario->body);
    read_operation(scenario, scenario_word(&text), request);
    while (scenario_option(&reader, &text))
        ;
    request->space = reader.space;
    read_arguments(&reader, text);
    if (!(request->has & TSD_HAS(MAX)))
        request->max = request->op == TSD_OP_SCAN ? LIMIT_UNIT_TUPLES : request->min;
    if (request->op == TSD_OP_RENEW)
        request->duration_us = request->hold_us;
    request->putting.has = request->has;
}
