/* SPDX-License-Identifier: MIT */
#include "tsctl/refused.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "protocol/text_lex.h"
#include "tsctl/complain.h"
#include "tsctl/connect.h"
#include "tsctl/exits.h"

/* The expressions that the daemon's text may mean: how many, and where the last of them begins. */
struct suspects {
    unsigned field; /* from 1, as the text says; 0: any */
    int count;
    const char *word;
    size_t body, body_size;
};

static void look_in(struct suspects *suspects, const char *word)
{
    struct problem problem;
    struct token token;
    struct lexer lexer = {.text = word, .size = strlen(word), .problem = &problem};
    unsigned depth = 0, field = 1;
    while (lexer_next(&lexer, &token) == 0 && token.kind != TOKEN_END) {
        if (token.kind == '[' || token.kind == '{' || token.kind == '(')
            depth++;
        else if (token.kind == ']' || token.kind == '}' || token.kind == ')')
            depth--;
        else if (token.kind == ',' && depth == 1)
            field++;
        if (token.kind != TOKEN_REGEX || (suspects->field != 0 && field != suspects->field))
            continue;
        suspects->count++;
        suspects->word = word;
        suspects->body = token.body;
        suspects->body_size = token.body_size;
    }
}

/* Where byte `at` of the expression stands in its text, where each / is written \/. */
static size_t place_of(const struct suspects *suspects, size_t at)
{
    const char *body = suspects->word + suspects->body;
    size_t place = 0;
    for (; at > 0 && place < suspects->body_size; at--)
        place += strncmp(body + place, "\\/", 2) == 0 ? 2 : 1;
    return suspects->body + place;
}

/* Complains with a caret instead of the text's byte. False where it is not clear what is meant. */
static bool complain_place(const struct call *call, const char *text)
{
    struct suspects suspects = {0};
    size_t at = 0;
    const char *field = strstr(text, "field "), *byte = strstr(text, ", at byte ");
    if (field != NULL)
        (void)sscanf(field, "field %u", &suspects.field);
    if (byte != NULL)
        (void)sscanf(byte, ", at byte %zu", &at);
    for (int i = 0; i < call->argument_count; i++)
        look_in(&suspects, call->arguments[i]);
    if (suspects.count != 1)
        return false;
    complain("%.*s", (int)(byte != NULL ? (size_t)(byte - text) : strlen(text)), text);
    complain_at(suspects.word, strlen(suspects.word), place_of(&suspects, at));
    return true;
}

int refused_exit_text(const struct call *call, const ts_client *client, ts_status status,
                      const char *text)
{
    if (status == TS_MALFORMED && complain_place(call, text))
        return exit_of(status);
    return connect_exit_text(call, client, status, text);
}

int refused_exit(const struct call *call, const ts_client *client, ts_status status)
{
    return refused_exit_text(call, client, status, ts_error_text(client));
}
