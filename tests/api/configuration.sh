#!/bin/sh
# SPDX-License-Identifier: MIT
# The tables of tsd.conf(5) are those that the daemon goes by; its example, and the file that is
# installed, are right.
set -eu

page=$TSD_SOURCE/man/tsd.conf.5

cat >"$TMPDIR/tables.c" <<'END'
#include <stdio.h>
#include "daemon/config.h"

#define TABLE(X, NAME) puts("table " #NAME); NAME(X)
#define SETTING(field, name, letter, argument, value, what) puts(name "|" argument "|" value);
#define LIMIT(field, name, value, what) \
    printf("%s|%llu|%s\n", name, (unsigned long long)(value), what);
#define RULE(field, name, argument, value) puts(name "|" argument "|" value);

int main(void)
{
    TABLE(SETTING, CONFIG_SETTINGS)
    TABLE(LIMIT, SERVER_LIMITS)
    TABLE(RULE, CONFIG_RULE_KEYS)
}
END
${CC:-cc} -I"$TSD_SOURCE" -I"$TSD_SOURCE/daemon" -o "$TMPDIR/tables" "$TMPDIR/tables.c"
"$TMPDIR/tables" >"$TMPDIR/wanted"

# rows between `.\" table NAME` and `.\" end`, without mdoc's marks
sed -n '/^\.\\" table/,/^\.\\" end/{
    /^\.\\" end/d
    /^\.[BE]l/d
    s/^\.\\" //
    s/^\.It //
    s/ Ta /|/g
    p
}' "$page" >"$TMPDIR/page"
diff -u "$TMPDIR/wanted" "$TMPDIR/page"

# each key is told about by itself, too
for key in $(sed -n '2,/^table/s/|.*//p' "$TMPDIR/wanted"); do
    grep -qx "\.It Cm $key" "$page" || { echo "nothing is said of $key" && exit 1; }
done

sed -n '/^\.\\" example/,/^\.\\" end/{/^\./d; p}' "$page" >"$TMPDIR/example"
grep -q '^\[space ' "$TMPDIR/example"
"$TSD_BUILD/tsd" --check-config --config "$TMPDIR/example"

# what is commented out in the installed one may be commented in: up to the spaces, whose group need
# not be there
sed -n '/^#\[space/q; s/^#\([a-z-]* =\)/\1/; p' "$TSD_SOURCE/contrib/tsd.conf" >"$TMPDIR/installed"
grep -q '^socket-mode = 0600$' "$TMPDIR/installed"
"$TSD_BUILD/tsd" --check-config --config "$TMPDIR/installed"
