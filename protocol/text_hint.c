/* SPDX-License-Identifier: MIT */
#include "protocol/text_hint.h"

#include <string.h>
#include <strings.h>

#include "protocol/names.h"

enum { NAME_MOST = 16 }; /* bytes of a name that is compared; longer ones are cut */

/* The type's name where the matcher is one ("?int": "int"), else NULL. */
static const char *type_name(unsigned op)
{
    const char *notation = matcher_notation((enum tsd_matcher)op);

    return notation[0] == '?' && notation[1] ? notation + 1 : NULL;
}

enum tsd_matcher type_by_name(const char *name, size_t size)
{
    for (unsigned op = 0; op < TSD_M_END; op++) {
        const char *type = type_name(op);
        if (type && strlen(type) == size && memcmp(type, name, size) == 0)
            return (enum tsd_matcher)op;
    }
    return TSD_M_END;
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    unsigned ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/* Letters to add, drop or change to get from one to the other (Levenshtein's distance). */
static unsigned distance(const char *from, size_t size, const char *to)
{
    unsigned row[NAME_MOST + 1];
    size_t width = strlen(to);

    for (size_t j = 0; j <= width; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= size; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= width; j++) {
            unsigned same = diagonal + ((from[i - 1] | 0x20) != to[j - 1]);
            diagonal = row[j];
            row[j] = least(row[j] + 1, row[j - 1] + 1, same);
        }
    }
    return row[width];
}

/* Prefixes of what other languages call the types. */
static const struct {
    const char *prefix;
    enum tsd_matcher op;
} foreign[] = {
    {"string", TSD_M_STR},   {"text", TSD_M_STR},   {"char", TSD_M_STR},   {"number", TSD_M_NUM},
    {"double", TSD_M_FLOAT}, {"real", TSD_M_FLOAT}, {"long", TSD_M_INT},   {"uint", TSD_M_INT},
    {"blob", TSD_M_BIN},     {"byte", TSD_M_BIN},   {"list", TSD_M_ARRAY}, {"tuple", TSD_M_ARRAY},
    {"dict", TSD_M_MAP},     {"object", TSD_M_MAP}, {"none", TSD_M_NIL},   {"any", TSD_M_ANY},
};

enum tsd_matcher type_nearest(const char *name, size_t size)
{
    enum tsd_matcher nearest = TSD_M_ANY;
    unsigned nearest_distance = NAME_MOST;

    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
        size_t prefix = strlen(foreign[i].prefix);
        if (size >= prefix && strncasecmp(name, foreign[i].prefix, prefix) == 0)
            return foreign[i].op;
    }
    if (size > NAME_MOST)
        size = NAME_MOST;
    for (unsigned op = 0; op < TSD_M_END; op++) {
        const char *type = type_name(op);
        unsigned d = type ? distance(name, size, type) : NAME_MOST;
        if (d < nearest_distance) {
            nearest = (enum tsd_matcher)op;
            nearest_distance = d;
        }
    }
    return nearest;
}

const char *constant_nearest(const char *word, size_t size)
{
    static const char *const constants[][2] = {
        {"null", "null"}, {"nil", "null"}, {"none", "null"},    {"undefined", "null"},
        {"true", "true"}, {"yes", "true"}, {"false", "false"},  {"no", "false"},
        {"nan", "nan"},   {"inf", "inf"},  {"infinity", "inf"},
    };

    for (size_t i = 0; i < sizeof(constants) / sizeof(constants[0]); i++)
        if (strlen(constants[i][0]) == size && strncasecmp(constants[i][0], word, size) == 0)
            return constants[i][1];
    return NULL;
}
