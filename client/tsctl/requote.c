/* SPDX-License-Identifier: MIT */
#include "tsctl/requote.h"

#include <string.h>

/* Follows brackets and strings through a text. */
struct nesting {
    int depth;
    bool in_string;
};

static void nesting_add(struct nesting *nesting, const char *text)
{
    for (; *text != '\0'; text++) {
        if (nesting->in_string) {
            if (*text == '\\' && text[1] != '\0')
                text++;
            else if (*text == '"')
                nesting->in_string = false;
        } else if (*text == '"') {
            nesting->in_string = true;
        } else if (*text == '[' || *text == '{') {
            nesting->depth++;
        } else if (*text == ']' || *text == '}') {
            nesting->depth--;
        }
    }
}

bool requote_is_closed(const char *word)
{
    struct nesting nesting = {0};
    nesting_add(&nesting, word);
    return nesting.depth <= 0 && !nesting.in_string;
}

static bool is_punctuation(char c)
{
    return c != '\0' && strchr("[]{},:()|&", c) != NULL;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

static bool is_number(const char *item, size_t size)
{
    size_t at = item[0] == '-';
    bool digits = false;
    for (; at < size; at++) {
        if (item[at] >= '0' && item[at] <= '9')
            digits = true;
        else if (strchr("+-.eE", item[at]) == NULL || !digits)
            return false;
    }
    return digits;
}

/* Whether an item between commas can stand as it is: a number, a word of JSON, a matcher. */
static bool stands(const char *item, size_t size)
{
    static const char *const words[] = {"true", "false", "null", "nan", "inf", "-inf", "..."};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strlen(words[i]) == size && memcmp(words[i], item, size) == 0)
            return true;
    return strchr("?<>!#^*/$\"", item[0]) != NULL || is_number(item, size);
}

static void append_quoted(struct buffer *out, const char *item, size_t size)
{
    buffer_append_byte(out, '"');
    for (size_t i = 0; i < size; i++) {
        if (item[i] == '"' || item[i] == '\\')
            buffer_append_byte(out, '\\');
        buffer_append_byte(out, (uint8_t)item[i]);
    }
    buffer_append_byte(out, '"');
}

/* The end of the item at p: the punctuation after it, without the blanks before that. */
static const char *item_end(const char *p, const char *end)
{
    const char *last = p;
    if (*p == '"') {
        for (p++; p < end && *p != '"'; p++)
            if (*p == '\\' && p + 1 < end)
                p++;
        return p < end ? p + 1 : end;
    }
    for (; p < end && !is_punctuation(*p); p++)
        if (!is_blank(*p))
            last = p + 1;
    return last;
}

static void append_corrected(struct buffer *out, const char *text, size_t size)
{
    const char *end = text + size;
    for (const char *p = text; p < end;) {
        if (is_punctuation(*p) || is_blank(*p)) {
            buffer_append_byte(out, (uint8_t)*p++);
            continue;
        }
        const char *after = item_end(p, end);
        if ((*p == '^' || *p == '*') && after > p + 1 && p[1] != '"')
            buffer_append_byte(out, (uint8_t)*p++); /* ^"pre" */
        if (stands(p, (size_t)(after - p)))
            buffer_append(out, p, (size_t)(after - p));
        else
            append_quoted(out, p, (size_t)(after - p));
        p = after;
    }
}

int requote(char *const *words, int count, struct buffer *out)
{
    struct nesting nesting = {0};
    struct buffer joined = BUFFER_INIT;
    int taken = 0;
    do {
        if (taken > 0)
            buffer_append_byte(&joined, ' ');
        buffer_append(&joined, words[taken], strlen(words[taken]));
        nesting_add(&nesting, words[taken]);
        taken++;
    } while (taken < count && (nesting.depth > 0 || nesting.in_string));
    append_corrected(out, (const char *)joined.bytes, joined.size);
    if (nesting.depth > 0)
        buffer_append_byte(out, ']');
    buffer_deinit(&joined);
    return taken;
}
