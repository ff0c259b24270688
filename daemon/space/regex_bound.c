/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memmem */
#include "space/regex_bound.h"

#include <stdlib.h>
#include <string.h>

enum {
    CHARACTERS_A_UNIT = 4,      /* that one item runs over */
    ITEM_BYTES_A_WEIGHT = 8,    /* of a class, which is looked through for each character */
    PROPERTY_WEIGHT = 5,        /* of a property of characters, which is looked up */
    BYTES_A_UNIT = 16,          /* that a reference back compares */
    FRAME_BYTES_A_UNIT = 256,   /* that are copied for each step */
    SKIPPED_BYTES_A_UNIT = 8,   /* of the expression: alternatives are passed over one by one */
    RANGE_CHARACTERS = 1 << 18, /* of all ranges together, where case is ignored */
};

void regex_bound_begin(struct regex_bound *bound, const char *expression, const pcre2_code *code,
                       size_t subject_size)
{
    uint32_t lookbehind = 0;
    size_t frame = 0;

    pcre2_pattern_info(code, PCRE2_INFO_MAXLOOKBEHIND, &lookbehind);
    pcre2_pattern_info(code, PCRE2_INFO_FRAMESIZE, &frame);
    *bound = (struct regex_bound){
        .expression = expression,
        .step = 1 + frame / FRAME_BYTES_A_UNIT,
        .lookbehind = lookbehind,
        .left = REGEX_WORK_BASE + REGEX_WORK_BYTE * subject_size,
        .weight = 1,
    };
}

/* The greatest number after a `{` of the item: how many characters it may run over in vain. */
static size_t item_repeats(const char *item, size_t size)
{
    size_t most = 0;

    for (const char *end = item + size; (item = memchr(item, '{', (size_t)(end - item))); item++) {
        size_t repeats = strtoul(item + 1, NULL, 10);
        if (repeats > most)
            most = repeats;
    }
    return most;
}

/* What one character costs that the item runs over. */
static size_t item_weight(const char *item, size_t size)
{
    size_t weight = 1 + size / ITEM_BYTES_A_WEIGHT;

    for (const char *end = item + size; (item = memchr(item, '\\', (size_t)(end - item))); item++)
        if (item[1] == 'p' || item[1] == 'P' || item[1] == 'X')
            return weight + PROPERTY_WEIGHT;
    return weight;
}

static bool refers_back(const char *item, size_t size)
{
    if (size >= 2 && item[0] == '\\')
        return item[1] == 'g' || item[1] == 'k' || (item[1] >= '1' && item[1] <= '9');
    return size >= 4 && memcmp(item, "(?P=", 4) == 0;
}

/* Of what a reference back compares: the longest of all groups, which are looked through. */
static size_t cost_back(const pcre2_callout_block *block)
{
    const PCRE2_SIZE *group = block->offset_vector;
    size_t most = 0;

    for (uint32_t i = 1; i < block->capture_top; i++) {
        size_t start = group[2 * i], end = group[2 * i + 1];
        if (start != PCRE2_UNSET && end > start && end - start > most)
            most = end - start;
    }
    return (most + block->capture_top) / BYTES_A_UNIT;
}

/* What the item may cost where it fails, so that no other follows from which it would show. */
static size_t cost_ahead(const struct regex_bound *bound, const pcre2_callout_block *block)
{
    const char *item = bound->expression + block->pattern_position;
    size_t size = block->next_item_length, cost = 0, repeats;
    size_t remaining = block->subject_length - block->current_position;

    if (size == 0 || item[0] == ')')
        return 0;
    if (refers_back(item, size))
        cost = cost_back(block);
    if (item[0] == '(')
        return cost + bound->lookbehind / CHARACTERS_A_UNIT;
    repeats = item_repeats(item, size);
    return cost + (repeats < remaining ? repeats : remaining) * bound->weight / CHARACTERS_A_UNIT;
}

int regex_bound_charge(pcre2_callout_block *block, void *context)
{
    struct regex_bound *bound = context;
    const char *item = bound->expression + block->pattern_position;
    size_t at = block->current_position, size = block->next_item_length;
    size_t moved = at > bound->position ? at - bound->position : bound->position - at;
    size_t cost = bound->step + moved * bound->weight / CHARACTERS_A_UNIT;

    if (block->pattern_position > bound->item)
        cost += (block->pattern_position - bound->item) / SKIPPED_BYTES_A_UNIT;
    bound->item = block->pattern_position;
    bound->position = at;
    bound->weight = item_weight(item, size);
    cost += size / ITEM_BYTES_A_WEIGHT + cost_ahead(bound, block);
    if (cost > bound->left)
        return PCRE2_ERROR_CALLOUT;
    bound->left -= cost;
    bound->used += cost;
    return 0;
}

/* --- Ranges --- */

/* Whether the expression itself may say that case is ignored: (?i), (?x-s:i ...). */
static bool sets_ignore_case(const char *p, size_t size)
{
    for (const char *end = p + size; (p = memmem(p, (size_t)(end - p), "(?", 2));) {
        size_t letters = strspn(p += 2, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ^-");
        if (memchr(p, 'i', letters))
            return true;
    }
    return false;
}

/* A number in the base, perhaps in braces and after "U+"; *p is moved past it. */
static uint32_t read_number(const char **p, int base)
{
    bool braces = **p == '{';
    unsigned long number;
    char *end;

    *p += braces;
    *p += strspn(*p, " \t");
    if (strncmp(*p, "U+", 2) == 0)
        *p += 2;
    number = strtoul(*p, &end, base);
    *p = end + strspn(end, " \t");
    *p += braces && **p == '}';
    return number > 0x10ffff ? 0x10ffff : (uint32_t)number;
}

/* The character at *p, escaped or not; 0 for an escape that is none, or is below 4,096 anyhow. */
static uint32_t read_character(const char **p)
{
    const unsigned char *c = (const unsigned char *)*p;
    uint32_t character = c[0];

    if (character == '\\') {
        *p += c[1] ? 2 : 1;
        if (c[1] == 'x' || c[1] == 'N')
            return read_number(p, 16);
        return c[1] == 'o' ? read_number(p, 8) : 0;
    }
    *p += 1;
    if (character < 0xc0)
        return character;
    character &= character >= 0xf0 ? 0x07 : character >= 0xe0 ? 0x0f : 0x1f;
    for (; (**p & 0xc0) == 0x80; *p += 1)
        character = character << 6 | (**p & 0x3f);
    return character;
}

/*
 * Reads no syntax: takes every character after a `-` for the end of a range that starts with the
 * one before. What may stand between without a meaning is passed over.
 */
bool regex_ranges_fit(const char *expression, size_t size, bool ignore_case)
{
    const char *p = expression, *end = expression + size;
    uint32_t first = 0, last = 0, characters = 0;
    bool range = false;

    if (!ignore_case && !sets_ignore_case(expression, size))
        return true;
    while (p < end) {
        if (*p == ' ' || *p == '\t' || strncmp(p, "\\E", 2) == 0 || strncmp(p, "\\Q", 2) == 0) {
            p += *p == '\\' ? 2 : 1;
            continue;
        }
        bool dash = *p == '-';
        uint32_t character = read_character(&p);
        if (range && character > first) {
            characters += character - first;
            if (characters > RANGE_CHARACTERS)
                return false;
        }
        first = dash && range ? 0 : last;
        last = character;
        range = dash;
    }
    return true;
}
