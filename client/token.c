/* SPDX-License-Identifier: MIT */
/*
 * Tokens: what names a tuple that was taken (rule S7).
 */
#include <string.h>

#include "client/draft.h"

/*
 * What came by a connection that was lost has gone back with it (rule S10), and its number may be
 * another one's by now; only a detached hold's secret tells it from all others.
 */
static bool is_void(const struct connection *connection, const ts_token *token)
{
    return token->connection != 0 && token->connection != connection->opened &&
           (token->delivery || token->secret == 0);
}

static int check_token(struct draft *d, const ts_token *token)
{
    if (token->number == 0)
        return problem_set(&d->problem, TS_INVALID, 0,
                           "no token: the tuple was not taken, or was final at once");
    if (token->delivery && d->wire.op != TSD_OP_RELEASE)
        return problem_set(&d->problem, TS_INVALID, 0,
                           "a tuple that was taken by in: %s is for one that is held",
                           operation_name(d->wire.op));
    if (is_void(d->client->connection, token))
        return problem_set(&d->problem, TS_LATE, 0,
                           "the tuple went back when the connection that it came by was lost");
    return 0;
}

int draft_token(struct draft *d, const ts_token *token)
{
    const struct token wire = {token->delivery, token->number, token->secret};
    int error = check_token(d, token);

    if (error)
        return error;
    if (token->delivery && token->number < d->delivery)
        d->delivery = token->number;
    token_encode(&wire, d->scratch);
    return 0;
}

int draft_tokens(struct draft *d, const ts_token *tokens, size_t count)
{
    if (count == 0)
        return problem_set(&d->problem, TS_INVALID, 0, "no token");
    if (count > LIMIT_UNIT_TUPLES)
        return problem_set(&d->problem, TS_LIMIT, 0,
                           "%zu tokens, the limit on the tuples of one unit is %d", count,
                           LIMIT_UNIT_TUPLES);
    d->tokens.at = d->scratch->size;
    for (size_t i = 0; i < count; i++) {
        int error = draft_token(d, &tokens[i]);
        if (error) {
            if (count > 1)
                problem_within(&d->problem, "token %zu", i + 1);
            return error;
        }
    }
    d->tokens.size = d->scratch->size - d->tokens.at;
    d->wire.token_count = (uint32_t)count;
    return 0;
}

/* ---- As text ---- */

enum { TOKEN_BYTES = 16 };

ts_status ts_token_text(const ts_token *token, char text[TS_TOKEN_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    const struct token wire = {false, token->number, token->secret};
    uint8_t bytes[TOKEN_BYTES];

    if (token->delivery || token->number == 0)
        return TS_INVALID;
    token_to_bytes(&wire, bytes);
    for (size_t i = 0; i < TOKEN_BYTES; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[TS_TOKEN_TEXT - 1] = '\0';
    return TS_OK;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

ts_status ts_token_parse(const char *text, ts_token *token)
{
    uint8_t bytes[TOKEN_BYTES];
    struct token wire;

    if (strlen(text) != (size_t)TS_TOKEN_TEXT - 1)
        return TS_INVALID;
    for (size_t i = 0; i < TOKEN_BYTES; i++) {
        int high = digit_of(text[2 * i]), low = digit_of(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return TS_INVALID;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    token_from_bytes(bytes, &wire);
    if (wire.number == 0)
        return TS_INVALID;
    *token = (ts_token){.number = wire.number, .secret = wire.secret};
    return TS_OK;
}
