/* SPDX-License-Identifier: MIT */
#include "protocol/names.h"

#include <stdbool.h>
#include <stddef.h>

struct status_row {
    const char *name, *text, *hint;
};

static const struct status_row statuses[] = {
#define ROW(number, name, text, hint) [number] = {#name, text, hint},
    TSD_STATUSES(ROW)
#undef ROW
};

struct matcher_row {
    const char *name, *operands, *notation, *matches;
};

static const struct matcher_row matchers[] = {
#define ROW(number, name, operands, notation, matches)                                             \
    [number] = {#name, operands, notation, matches},
    TSD_MATCHERS(ROW)
#undef ROW
};

static const struct status_row *status_row(enum ts_status status)
{
    static const struct status_row none = {"", "unknown status", ""};
    size_t number = (size_t)status;
    bool known = number < sizeof statuses / sizeof statuses[0] && statuses[number].name;
    return known ? &statuses[number] : &none;
}

static const struct matcher_row *matcher_row(enum tsd_matcher op)
{
    static const struct matcher_row none = {"", "", "", ""};
    size_t number = (size_t)op;
    bool known = number < sizeof matchers / sizeof matchers[0] && matchers[number].name;
    return known ? &matchers[number] : &none;
}

const char *status_name(enum ts_status status)
{
    return status_row(status)->name;
}

const char *status_text(enum ts_status status)
{
    return status_row(status)->text;
}

const char *status_hint(enum ts_status status)
{
    return status_row(status)->hint;
}

const char *matcher_name(enum tsd_matcher op)
{
    return matcher_row(op)->name;
}

const char *matcher_notation(enum tsd_matcher op)
{
    return matcher_row(op)->notation;
}

const char *matcher_matches(enum tsd_matcher op)
{
    return matcher_row(op)->matches;
}

const char *matcher_operands(enum tsd_matcher op)
{
    return matcher_row(op)->operands;
}
