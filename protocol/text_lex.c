/* SPDX-License-Identifier: MIT */
#include "protocol/text_lex.h"

#include <math.h>
#include <string.h>

#include "protocol/names.h"
#include "protocol/text_hint.h"
#include "protocol/text_number.h"
#include "protocol/text_string.h"
#include "protocol/utf8.h"

static char char_at(const struct lexer *lex, size_t at)
{
    return at < lex->size ? lex->text[at] : '\0';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool starts(const struct lexer *lex, const char *sign)
{
    const size_t size = strlen(sign);

    return lex->size - lex->at >= size && memcmp(lex->text + lex->at, sign, size) == 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t word_end(const struct lexer *lex, size_t at)
{
    while (is_letter(char_at(lex, at)) || is_digit(char_at(lex, at)))
        at++;
    return at;
}

/* What is between double quotes as it stands; the opening one is at lex->at. */
static int scan_quoted(struct lexer *lex, struct token *token)
{
    const size_t quote = lex->at;
    const char *close = memchr(lex->text + quote + 1, '"', lex->size - quote - 1);

    if (!close)
        return lexer_fail(lex, quote, "the closing quote of this is missing");
    token->body = quote + 1;
    token->body_size = (size_t)(close - lex->text) - token->body;
    lex->at = (size_t)(close - lex->text) + 1;
    return 0;
}

static int scan_bin(struct lexer *lex, struct token *token)
{
    token->kind = TOKEN_BIN;
    lex->at++;
    return scan_quoted(lex, token);
}

/* x5"aGk=": whether that is what stands here, and where its quote is. */
static bool is_ext(const struct lexer *lex, size_t *quote)
{
    size_t at = lex->at + 1;

    if (char_at(lex, lex->at) != 'x')
        return false;
    if (char_at(lex, at) == '-')
        at++;
    while (is_digit(char_at(lex, at)))
        at++;
    *quote = at;
    return char_at(lex, at) == '"';
}

static int scan_ext(struct lexer *lex, struct token *token, size_t quote)
{
    const size_t digits = lex->at + 1;
    struct token number = {0};

    token->kind = TOKEN_EXT;
    if (digits == quote)
        return lexer_fail(lex, digits, "the type of the ext is missing: x5\"aGk=\"");
    lex->at = digits;
    int error = number_scan(&(struct lexer){lex->text, quote, digits, lex->problem}, &number);
    if (error)
        return error;
    if (number.negative ? (int64_t)number.integer < INT8_MIN : number.integer > INT8_MAX)
        return lexer_fail(lex, digits, "the type of an ext is from -128 to 127");
    token->ext_type = (int8_t)number.integer;
    lex->at = quote;
    return scan_quoted(lex, token);
}

static int word_complaint(struct lexer *lex, size_t end)
{
    const char *word = lex->text + lex->at;
    const int size = end - lex->at < 64 ? (int)(end - lex->at) : 64;
    const char *nearest = constant_nearest(word, end - lex->at);

    if (nearest)
        return lexer_fail(lex, lex->at, "unknown word %.*s: is %s meant?", size, word, nearest);
    return lexer_fail(lex, lex->at, "unknown word %.*s: a str stands in double quotes, \"%.*s\"",
                      size, word, size, word);
}

/* null, true, false, nan, inf, -inf; the sign is before lex->at. */
static int scan_word(struct lexer *lex, struct token *token)
{
    static const struct {
        const char *word;
        int kind;
    } words[] = {{"null", TOKEN_NULL},
                 {"true", TOKEN_TRUE},
                 {"false", TOKEN_FALSE},
                 {"nan", TOKEN_FLOAT},
                 {"inf", TOKEN_FLOAT}};
    const size_t end = word_end(lex, lex->at), size = end - lex->at;

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strlen(words[i].word) != size || !starts(lex, words[i].word))
            continue;
        token->kind = words[i].kind;
        if (token->kind == TOKEN_FLOAT)
            token->real = words[i].word[0] == 'n' ? (double)NAN : (double)INFINITY;
        lex->at = end;
        return 0;
    }
    return word_complaint(lex, end);
}

static int scan_letter(struct lexer *lex, struct token *token)
{
    size_t quote;

    if (starts(lex, "b\""))
        return scan_bin(lex, token);
    if (is_ext(lex, &quote))
        return scan_ext(lex, token, quote);
    return scan_word(lex, token);
}

static int scan_minus(struct lexer *lex, struct token *token)
{
    if (!starts(lex, "-inf") || word_end(lex, lex->at + 1) != lex->at + 4)
        return number_scan(lex, token);
    token->kind = TOKEN_FLOAT;
    token->real = -(double)INFINITY;
    lex->at += 4;
    return 0;
}

/* ? or ?int */
static int scan_type(struct lexer *lex, struct token *token)
{
    const size_t name = lex->at + 1, end = word_end(lex, name);
    const int size = end - name < 64 ? (int)(end - name) : 64;

    token->kind = TOKEN_TYPE;
    token->op = TSD_M_ANY;
    if (size > 0)
        token->op = type_by_name(lex->text + name, end - name);
    if (token->op == TSD_M_END)
        return lexer_fail(lex, lex->at,
                          "unknown type ?%.*s: is %s meant? There are ?nil ?bool ?int ?float ?num "
                          "?str ?bin ?array ?map ?ext",
                          size, lex->text + name,
                          matcher_notation(type_nearest(lex->text + name, end - name)));
    lex->at = end;
    return 0;
}

static int scan_affix(struct lexer *lex, struct token *token, enum tsd_matcher op)
{
    token->kind = TOKEN_AFFIX;
    token->op = op;
    lex->at++;
    return 0;
}

/* $name is a variable, $"post", $b"..." and $$name match an end. */
static int scan_dollar(struct lexer *lex, struct token *token)
{
    const size_t name = lex->at + 1;

    if (starts(lex, "$\"") || starts(lex, "$b\"") || starts(lex, "$$"))
        return scan_affix(lex, token, TSD_M_SUFFIX);
    if (!is_letter(char_at(lex, name)))
        return lexer_fail(lex, lex->at,
                          "$ stands before a name, $name, or before the end of a str, $\"post\"");
    token->kind = TOKEN_NAME;
    token->body = name;
    lex->at = word_end(lex, name);
    token->body_size = lex->at - name;
    return 0;
}

static int scan_regex_flag(struct lexer *lex, struct token *token)
{
    const size_t flags = lex->at;

    token->flag = 0;
    lex->at = word_end(lex, flags);
    if (lex->at == flags)
        return 0;
    if (lex->at != flags + 1 || lex->text[flags] != 'i')
        return lexer_fail(lex, flags, "the only flag of an expression is i");
    token->flag = 'i';
    return 0;
}

static int scan_regex(struct lexer *lex, struct token *token)
{
    size_t at = lex->at + 1;

    token->kind = TOKEN_REGEX;
    token->body = at;
    while (at < lex->size && lex->text[at] != '/')
        at += lex->text[at] == '\\' ? 2 : 1;
    if (at >= lex->size)
        return lexer_fail(lex, lex->at, "the / that ends this expression is missing");
    token->body_size = at - token->body;
    lex->at = at + 1;
    return scan_regex_flag(lex, token);
}

/* Signs that may be longer, longer ones first. */
static const struct {
    const char *sign;
    int kind;
    enum tsd_matcher op;
} signs[] = {
    {"...", TOKEN_REST, TSD_M_REST}, {"..", TOKEN_RANGE, TSD_M_RANGE},
    {"<=", TOKEN_COMPARE, TSD_M_LE}, {"<", TOKEN_COMPARE, TSD_M_LT},
    {">=", TOKEN_COMPARE, TSD_M_GE}, {">", TOKEN_COMPARE, TSD_M_GT},
    {"!=", TOKEN_COMPARE, TSD_M_NE}, {"!", '!', TSD_M_NOT},
};

static int unexpected(struct lexer *lex)
{
    const uint8_t *p = (const uint8_t *)lex->text + lex->at;
    unsigned size;
    uint32_t point = utf8_decode(p, &size);

    if (point == '\'' || (point >= 0x2018 && point <= 0x201f))
        return lexer_fail(lex, lex->at, "a str stands in double quotes, \"...\", not in %.*s",
                          (int)size, (const char *)p);
    if (point == '.')
        return lexer_fail(lex, lex->at, "a digit is missing before the point");
    if (point == '+')
        return lexer_fail(lex, lex->at, "a number has no +");
    if (point == '=')
        return lexer_fail(lex, lex->at,
                          "= is no matcher: a value alone matches what is equal to it");
    if (point < 0x20)
        return lexer_fail(lex, lex->at, "the control character U+%04X has no place here",
                          (unsigned)point);
    return lexer_fail(lex, lex->at, "%.*s has no place here", (int)size, (const char *)p);
}

static int scan_sign(struct lexer *lex, struct token *token)
{
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        if (!starts(lex, signs[i].sign))
            continue;
        token->kind = signs[i].kind;
        token->op = signs[i].op;
        lex->at += strlen(signs[i].sign);
        return 0;
    }
    return unexpected(lex);
}

static int scan_token(struct lexer *lex, struct token *token)
{
    const char c = lex->text[lex->at];

    if (is_digit(c))
        return number_scan(lex, token);
    if (is_letter(c))
        return scan_letter(lex, token);
    switch (c) {
    case '"':
        token->kind = TOKEN_STR;
        return string_scan(lex, token);
    case '-':
        return scan_minus(lex, token);
    case '?':
        return scan_type(lex, token);
    case '^':
        return scan_affix(lex, token, TSD_M_PREFIX);
    case '*':
        return scan_affix(lex, token, TSD_M_INFIX);
    case '$':
        return scan_dollar(lex, token);
    case '/':
        return scan_regex(lex, token);
    case '[':
    case ']':
    case '{':
    case '}':
    case '(':
    case ')':
    case ',':
    case ':':
    case '|':
    case '&':
    case '#':
        token->kind = (unsigned char)c;
        lex->at++;
        return 0;
    default:
        return scan_sign(lex, token);
    }
}

int lexer_next(struct lexer *lex, struct token *token)
{
    int error = 0;

    while (lex->at < lex->size && is_blank(lex->text[lex->at]))
        lex->at++;
    *token = (struct token){.kind = TOKEN_END, .start = lex->at};
    if (lex->at < lex->size)
        error = scan_token(lex, token);
    token->end = lex->at;
    return error;
}
