/* SPDX-License-Identifier: MIT */
#include "protocol/text_string.h"

#include <string.h>

#include "protocol/text_write.h"
#include "protocol/utf8.h"

/* Characters that stand for one after a backslash, and what they stand for. */
static const char escapes[] = "\"\\/bfnrt";
static const char meanings[] = "\"\\/\b\f\n\r\t";

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The \uXXXX at p: whether one stands there. */
static bool read_unit(const char *p, const char *end, uint32_t *unit)
{
    if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
        return false;
    *unit = 0;
    for (unsigned i = 2; i < 6; i++) {
        int digit = hex_digit(p[i]);
        if (digit < 0)
            return false;
        *unit = *unit << 4 | (uint32_t)digit;
    }
    return true;
}

static bool is_surrogate(uint32_t unit)
{
    return unit >= 0xd800 && unit <= 0xdfff;
}

/* The escape whose backslash stands at p: its character. Returns its bytes, 0 where it is none. */
static unsigned read_escape(const char *p, const char *end, uint32_t *point)
{
    uint32_t low;
    const char *found = end - p > 1 && p[1] ? strchr(escapes, p[1]) : NULL;

    if (found) {
        *point = (uint8_t)meanings[found - escapes];
        return 2;
    }
    if (!read_unit(p, end, point))
        return 0;
    if (!is_surrogate(*point))
        return 6;
    if (*point >= 0xdc00 || !read_unit(p + 6, end, &low) || low < 0xdc00 || low > 0xdfff)
        return 0;
    *point = 0x10000 + ((*point - 0xd800) << 10) + (low - 0xdc00);
    return 12;
}

static const char *escape_complaint(const char *p, const char *end)
{
    uint32_t unit;

    if (read_unit(p, end, &unit))
        return "half of a surrogate pair: \\ud800 to \\udbff stand only before \\udc00 to \\udfff";
    if (end - p > 1 && p[1] == 'u')
        return "four hexadecimal digits stand after \\u";
    return "no such escape: there are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four digits";
}

int string_scan(struct lexer *lex, struct token *token)
{
    const char *end = lex->text + lex->size;
    const size_t quote = lex->at;
    const char *p = lex->text + quote + 1;
    uint8_t bytes[4];
    uint32_t point;

    token->body = quote + 1;
    token->length = 0;
    while (p < end && *p != '"') {
        unsigned taken = 1;
        if (*p == '\\') {
            taken = read_escape(p, end, &point);
            if (end - p > 1 && taken == 0)
                return lexer_fail(lex, (size_t)(p - lex->text), "%s", escape_complaint(p, end));
            if (taken == 0)
                break;
            token->length += utf8_encode(point, bytes);
        } else if ((uint8_t)*p < 0x20) {
            return lexer_fail(lex, (size_t)(p - lex->text),
                              "a control character in a str: write it as \\u%04x", (uint8_t)*p);
        } else {
            token->length++;
        }
        p += taken;
    }
    if (p >= end || *p != '"')
        return lexer_fail(lex, quote, "the closing quote of this is missing");
    token->body_size = (size_t)(p - lex->text) - token->body;
    lex->at = (size_t)(p - lex->text) + 1;
    return 0;
}

void string_unescape(const char *body, size_t size, uint8_t *to)
{
    const char *end = body + size;

    while (body < end) {
        const char *escape = memchr(body, '\\', (size_t)(end - body));
        size_t plain = (size_t)((escape ? escape : end) - body);
        uint32_t point = 0;
        memcpy(to, body, plain);
        to += plain;
        body += plain;
        if (escape) {
            body += read_escape(body, end, &point);
            to += utf8_encode(point, to);
        }
    }
}

/* How long the control character at p is, 0 where it is none. C1 are those that U+0080 begins. */
static unsigned control_size(const uint8_t *p, const uint8_t *end)
{
    if (*p < 0x20 || *p == 0x7f)
        return 1;
    return *p == 0xc2 && end - p > 1 && p[1] < 0xa0 ? 2 : 0;
}

static void write_control(struct buffer *out, uint32_t point)
{
    const char *found = point ? strchr(meanings, (int)point) : NULL;

    if (found && point < 0x80)
        buffer_printf(out, "\\%c", escapes[found - meanings]);
    else
        buffer_printf(out, "\\u%04x", (unsigned)point);
}

void text_write_string(const uint8_t *bytes, size_t size, struct buffer *out)
{
    const uint8_t *end = bytes + size;
    const uint8_t *plain = bytes; /* not yet written, needs no escape */

    buffer_append_byte(out, '"');
    for (const uint8_t *p = bytes; p < end;) {
        unsigned control = control_size(p, end);
        if (control == 0 && *p != '"' && *p != '\\') {
            p++;
            continue;
        }
        buffer_append(out, plain, (size_t)(p - plain));
        write_control(out, control == 2 ? p[1] : *p);
        p += control ? control : 1;
        plain = p;
    }
    buffer_append(out, plain, (size_t)(end - plain));
    buffer_append_byte(out, '"');
}
