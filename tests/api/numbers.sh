#!/bin/sh
# SPDX-License-Identifier: MIT
# The tables of tsd-protocol(7) are those of protocol/numbers.h: each number, name and text.
set -eu

cat >"$TMPDIR/tables.c" <<'END'
#include <stdio.h>
#include "protocol/numbers.h"

static unsigned long long bit;

#define TABLE(X, NAME) puts("table " #NAME); NAME(X)
#define STATUS(number, NAME, text, hint) printf("%d|%s|%s\n", number, #NAME, text);
#define OPERATION(number, NAME, name, arguments, options, text) \
    printf("%d|%s|%s|%s\n", number, name, arguments, text);
#define ARGUMENT(letter, NAME, form) printf("%c|%s\n", letter, form);
#define PLAIN(number, NAME, name, form) printf("%d|%s|%s\n", number, name, form);
#define HAS_OPTION(number, NAME, name, arguments, options, text) \
    if ((options) & bit) { printf("%s%s", separator, name); separator = " "; }
#define OPTION(number, NAME, name, form) { \
    const char *separator = ""; \
    bit = 1ull << (number); \
    printf("%d|%s|", number, name); \
    TSD_OPERATIONS(HAS_OPTION) \
    printf("|%s\n", form); }
#define MATCHER(number, NAME, operands, notation, matches) \
    printf("%d|%s|%s|%s|%s\n", number, #NAME, operands, notation, matches);

int main(void)
{
    TABLE(PLAIN, TSD_HELLO_OPTIONS)
    TABLE(PLAIN, TSD_HELLO_ANSWERS)
    TABLE(OPERATION, TSD_OPERATIONS)
    TABLE(ARGUMENT, TSD_ARGUMENTS)
    TABLE(OPTION, TSD_OPTIONS)
    TABLE(PLAIN, TSD_GUARDS)
    TABLE(PLAIN, TSD_STEPS)
    TABLE(PLAIN, TSD_TEMPLATES)
    TABLE(PLAIN, TSD_EXTRAS)
    TABLE(PLAIN, TSD_ITEM_EXTRAS)
    TABLE(PLAIN, TSD_REASONS)
    TABLE(PLAIN, TSD_STATES)
    TABLE(PLAIN, TSD_EVENTS)
    TABLE(PLAIN, TSD_EVENT_EXTRAS)
    TABLE(PLAIN, TSD_SPACE_ROWS)
    TABLE(PLAIN, TSD_CLIENTS)
    TABLE(PLAIN, TSD_USAGES)
    TABLE(PLAIN, TSD_STATS)
    TABLE(PLAIN, TSD_INDEXES)
    TABLE(PLAIN, TSD_INDEX_KINDS)
    TABLE(PLAIN, TSD_SHAPES)
    TABLE(PLAIN, TSD_EXPLAINS)
    TABLE(STATUS, TSD_STATUSES)
    TABLE(MATCHER, TSD_MATCHERS)
}
END
${CC:-cc} -I"$TSD_SOURCE" -o "$TMPDIR/tables" "$TMPDIR/tables.c"
"$TMPDIR/tables" >"$TMPDIR/header"

# rows between `.\" table NAME` and `.\" end`, without mdoc's marks
sed -n '/^\.\\" table/,/^\.\\" end/{
    /^\.\\" end/d
    s/^\.\\" //
    s/^\.It //
    s/ Ta /|/g
    s/"//g
    s/\\(dq/"/g
    p
}' "$TSD_SOURCE/man/tsd-protocol.7" >"$TMPDIR/page"

# each table of the header has a mark here
tables=$(grep -c '^#define TSD_[A-Z_]*(X)' "$TSD_SOURCE/protocol/numbers.h")
[ "$tables" = "$(grep -c '^table' "$TMPDIR/page")" ] ||
    { echo "numbers.h has $tables tables; the page has not" && exit 1; }

diff -u "$TMPDIR/header" "$TMPDIR/page"
