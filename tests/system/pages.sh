#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2013 # words are wanted
# The manual pages are well-formed, and name what there is: options, limits, functions, rules.
set -eu

cd "$TSD_SOURCE"
pages=$(echo man/*.[1-8])
bad=0
missing() { # what, where
    echo "$2 has no $1"
    bad=1
}

if command -v mandoc >/dev/null; then
    # shellcheck disable=SC2086 # a list; without -Wall: others' pages need not be installed
    mandoc -Tlint -Wwarning $pages || bad=1
fi

# tsd(8): each option that --help knows
"$TSD_BUILD/tsd" --help >"$TMPDIR/help"
for option in $(grep -o '\--[a-z-]*' "$TMPDIR/help" | sort -u); do
    grep -q -- " -${option#--}\( \|$\)" man/tsd.8 || missing "$option" 'tsd(8)'
done

# tsclient(3): each function that is exported
for name in $(sed -n 's/^ *\(ts_[a-z_]*\);$/\1/p' client/libtsclient.map); do
    grep -q "^\.Fo $name\$" man/tsclient.3 || missing "$name" 'tsclient(3)'
done

# and each structure and callback, member for member, whatever the comments
types() { # C from stdin -> a type a line; not those that TS makes
    ${CC:-cc} -E -P -I"$TSD_BUILD/include" -x c - | tr -s ' \n' ' ' | sed 's/typedef/\n&/g' |
        sed -n 's/\(} ts_[a-z_]*;\).*/\1/p; s/\((\*ts_callback)[^;]*;\).*/\1/p' |
        grep -v 'ts_status;\|ts_kind;\|ts_value;\|ts_values;' | LC_ALL=C sort
}
types <client/tsclient.h >"$TMPDIR/types"
{
    echo '#include <stdbool.h>'
    sed -n '/^\.Sh STRUCTURES/,/^\.Ed/p' man/tsclient.3 | sed '1,/^\.Bd/d; /^\.Ed/d'
} | types >"$TMPDIR/shown"
[ "$(wc -l <"$TMPDIR/types")" -gt 10 ] || missing 'types' 'tsclient.h'
diff "$TMPDIR/types" "$TMPDIR/shown" || missing 'types as in tsclient.h' 'tsclient(3)'

# and the program with an event loop, as it stands in the examples
sed -n '/^\.\\" contrib.examples.loop\.c$/,/^\.Ed$/p' man/tsclient.3 |
    sed '/^\./d; s/\\e/\\/g' >"$TMPDIR/loop.c"
sed -n '/^#include/,$p' contrib/examples/loop.c | diff - "$TMPDIR/loop.c" ||
    missing 'contrib/examples/loop.c' 'tsclient(3)'

# Macros that were taken as text, text that was taken as an argument
if command -v mandoc >/dev/null; then
    macros='F[nalt]|Vt|Dv|Xr|Pq|Ar|Cm|Ev|Pa|Sx|Sy|Ns|Op|Em|Li|Ql|Dq'
    for page in $pages; do
        ! mandoc -Tascii "$page" | col -b |
            grep -nE "(^|[( ])($macros)( |\$)|\\((and|all|or|the|that|it|to)[,)]" ||
            missing 'clean text' "$page"
    done
fi

# ts-rules(7): each rule that is cited
for rule in $(grep -rhoE 'rules? [VPS][0-9]+' protocol daemon client contrib tests man |
    sed 's/.* //' | sort -u); do
    grep -q "^\.It Sy $rule\$" man/ts-rules.7 || missing "rule $rule" 'ts-rules(7)'
done

exit $bad
