/* SPDX-License-Identifier: MIT */
#include "protocol/text_number.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLOAT_TEXT 32 /* bytes of a float as "%.17g" writes it, and room */

static bool is_digit(const struct lexer *lex, size_t at)
{
    return at < lex->size && lex->text[at] >= '0' && lex->text[at] <= '9';
}

static bool is_word(const struct lexer *lex, size_t at)
{
    if (at >= lex->size)
        return false;
    char c = lex->text[at] | 0x20;
    return is_digit(lex, at) || (c >= 'a' && c <= 'z') || lex->text[at] == '_';
}

static char char_at(const struct lexer *lex, size_t at)
{
    return at < lex->size ? lex->text[at] : '\0';
}

static void skip_digits(const struct lexer *lex, size_t *at)
{
    while (is_digit(lex, *at))
        ++*at;
}

/*
 * strtod and printf use the locale's decimal point, and an application of the library may have set
 * one; so both run in the C locale. Making that allocates nothing.
 */
struct c_locale {
    locale_t c, before;
};

static struct c_locale c_locale_enter(void)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);

    return (struct c_locale){c, c ? uselocale(c) : (locale_t)0};
}

static void c_locale_leave(const struct c_locale *locale)
{
    if (!locale->c)
        return;
    uselocale(locale->before);
    freelocale(locale->c);
}

static double parse_float(const char *text)
{
    struct c_locale locale = c_locale_enter();
    double real = strtod(text, NULL);

    c_locale_leave(&locale);
    return real;
}

static bool has_other_digit_than_0(const char *digits, size_t size)
{
    for (size_t i = 0; i < size && (digits[i] | 0x20) != 'e'; i++)
        if (digits[i] >= '1' && digits[i] <= '9')
            return true;
    return false;
}

static int take_float(struct lexer *lex, size_t end, struct token *token)
{
    const size_t size = end - token->start;
    char small[FLOAT_TEXT * 4];
    char *copy = size < sizeof(small) ? small : malloc(size + 1);

    if (!copy)
        return problem_set(lex->problem, TS_NO_MEMORY, token->start, "out of memory");
    memcpy(copy, lex->text + token->start, size);
    copy[size] = '\0';
    token->kind = TOKEN_FLOAT;
    token->real = parse_float(copy);
    if (copy != small)
        free(copy);
    if (isinf(token->real) ||
        (token->real == 0 && has_other_digit_than_0(lex->text + token->start, size)))
        return lexer_fail(lex, token->start, "a number out of the range of floats");
    return 0;
}

static int take_int(struct lexer *lex, size_t end, struct token *token)
{
    const bool negative = lex->text[token->start] == '-';
    const uint64_t most = negative ? (uint64_t)INT64_MAX + 1 : UINT64_MAX;
    uint64_t sum = 0;

    for (size_t at = token->start + negative; at < end; at++) {
        unsigned digit = (unsigned)(lex->text[at] - '0');
        if (__builtin_mul_overflow(sum, 10, &sum) || __builtin_add_overflow(sum, digit, &sum) ||
            sum > most)
            return lexer_fail(lex, token->start,
                              "a number out of range: ints are from -9223372036854775808 to "
                              "18446744073709551615");
    }
    token->kind = TOKEN_INT;
    token->negative = negative && sum != 0;
    token->integer = negative ? -sum : sum;
    return 0;
}

/* The fraction and the exponent at *at, where there are any. `1..5` is a range. */
static int scan_float_part(struct lexer *lex, size_t *at, bool *is_float)
{
    if (char_at(lex, *at) == '.' && char_at(lex, *at + 1) != '.') {
        if (!is_digit(lex, *at + 1))
            return lexer_fail(lex, *at, "a digit is missing after the point");
        *is_float = true;
        ++*at;
        skip_digits(lex, at);
    }
    if (char_at(lex, *at) == 'e' || char_at(lex, *at) == 'E') {
        size_t digits = *at + 1;
        if (char_at(lex, digits) == '+' || char_at(lex, digits) == '-')
            digits++;
        if (!is_digit(lex, digits))
            return lexer_fail(lex, *at, "a digit is missing in the exponent");
        *is_float = true;
        *at = digits;
        skip_digits(lex, at);
    }
    return 0;
}

int number_scan(struct lexer *lex, struct token *token)
{
    size_t at = lex->at;
    bool is_float = false;
    int error;

    token->start = at;
    if (char_at(lex, at) == '-')
        at++;
    if (!is_digit(lex, at))
        return lexer_fail(lex, token->start, "a digit is missing after the -");
    if (char_at(lex, at) == '0' && is_digit(lex, at + 1))
        return lexer_fail(lex, token->start, "a number has no leading zero");
    skip_digits(lex, &at);
    error = scan_float_part(lex, &at, &is_float);
    if (error)
        return error;
    if (is_word(lex, at))
        return lexer_fail(lex, token->start,
                          "not a number: they are decimal, and something parts them from what "
                          "follows");
    lex->at = at;
    return is_float ? take_float(lex, at, token) : take_int(lex, at, token);
}

void number_write_float(double real, struct buffer *out)
{
    char text[FLOAT_TEXT];
    struct c_locale locale;

    if (isnan(real) || isinf(real)) {
        buffer_printf(out, "%s", isnan(real) ? "nan" : real < 0 ? "-inf" : "inf");
        return;
    }
    locale = c_locale_enter();
    /* what DBL_DIG digits can tell they tell without trailing digits, but for subnormals */
    for (int digits = fabs(real) < DBL_MIN ? 1 : DBL_DIG; digits <= DBL_DECIMAL_DIG; digits++) {
        (void)snprintf(text, sizeof(text), "%.*g", digits, real);
        if (strtod(text, NULL) == real)
            break;
    }
    c_locale_leave(&locale);
    buffer_printf(out, "%s%s", text, strpbrk(text, ".e") ? "" : ".0");
}
