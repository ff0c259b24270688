/* SPDX-License-Identifier: MIT */
#include "tsctl/rights.h"

#include <stdlib.h>
#include <string.h>

#include "tsctl/complain.h"

static const char letters[] = "rwt";

const char *rights_show(uint32_t mode, char text[static RIGHTS_SIZE])
{
    for (unsigned i = 0; i < 9; i++)
        text[i] = '-';
    for (unsigned i = 0; i < 9; i++)
        if (mode & 0400u >> i)
            text[i] = letters[i % 3];
    text[9] = '\0';
    return text;
}

static bool parse_octal(const char *text, uint32_t *mode)
{
    const size_t length = strlen(text);
    if (length == 0 || length > 4 || strspn(text, "01234567") != length)
        return false;
    *mode = (uint32_t)strtoul(text, NULL, 8);
    return *mode <= RIGHTS_MOST;
}

static bool parse_letters(const char *text, uint32_t *mode)
{
    if (strlen(text) != 9)
        return false;
    *mode = 0;
    for (unsigned i = 0; i < 9; i++) {
        if (text[i] == letters[i % 3])
            *mode |= 0400u >> i;
        else if (text[i] != '-')
            return false;
    }
    return true;
}

bool rights_parse(const char *text, uint32_t *mode)
{
    return parse_octal(text, mode) || parse_letters(text, mode);
}

/* The bits of a letter in what a clause lists; 0: it is none of those. */
static uint32_t bits_of_whom(char whom)
{
    return whom == 'u' ? 0700 : whom == 'g' ? 0070 : whom == 'o' ? 0007 : whom == 'a' ? 0777 : 0;
}

static uint32_t bits_of_right(char right)
{
    return right == 'r' ? 0444 : right == 'w' ? 0222 : right == 't' ? 0111 : 0;
}

/* The bits of the letters that stand next, of those that bits_of knows. */
static uint32_t read_bits(const char **text, uint32_t (*bits_of)(char))
{
    uint32_t bits = 0;
    for (; **text != '\0' && bits_of(**text) != 0; ++*text)
        bits |= bits_of(**text);
    return bits;
}

/* `[ugoa]*` and then one or more of `[+-=][rwt]*`; *text ends up behind it. */
static bool change_clause(const char **text, uint32_t *mode)
{
    const char *begin = *text;
    uint32_t whom = read_bits(text, bits_of_whom);
    if (*text == begin)
        whom = RIGHTS_MOST;
    if (**text == '\0' || strchr("+-=", **text) == NULL)
        return false;
    while (**text != '\0' && strchr("+-=", **text) != NULL) {
        const char how = *(*text)++;
        const char *first = *text;
        const uint32_t rights = read_bits(text, bits_of_right) & whom;
        if (how != '=' && *text == first)
            return false; /* or letters of a whole mode, one too few, would be changes */
        if (how == '=')
            *mode &= ~whom;
        *mode = how == '-' ? *mode & ~rights : *mode | rights;
    }
    return true;
}

bool rights_change(const char *text, uint32_t *mode)
{
    uint32_t changed = *mode;
    if (rights_parse(text, mode))
        return true;
    *mode = changed;
    while (change_clause(&text, &changed)) {
        if (*text == '\0') {
            *mode = changed;
            return true;
        }
        if (*text++ != ',')
            return false;
    }
    return false;
}

bool rights_is_whole(const char *text)
{
    uint32_t of_none = 0, of_all = RIGHTS_MOST;
    return rights_change(text, &of_none) && rights_change(text, &of_all) && of_none == of_all;
}

void rights_hint(void)
{
    complain_hint("octal such as 0750, letters such as rwtr-----, or changes such as g+rw,o=");
    complain_hint("r is to read, w to write, t to take; u its owner, g its group, o others");
}
