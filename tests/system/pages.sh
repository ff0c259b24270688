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

# tsd(8): each option and limit that --help knows
"$TSD_BUILD/tsd" --help >"$TMPDIR/help"
for option in $(grep -o '\--[a-z-]*' "$TMPDIR/help" | sort -u); do
    grep -q -- " -${option#--}\( \|$\)" man/tsd.8 || missing "$option" 'tsd(8)'
done
sed -n '/^Limits:/,$s/^  \([a-z-]*\) .*(\([0-9]*\))$/\1 \2/p' "$TMPDIR/help" >"$TMPDIR/limits"
[ -s "$TMPDIR/limits" ] || missing 'limits' 'tsd --help'
while read -r name value; do
    grep -A 4 "^\.It Cm $name\$" man/tsd.8 | grep -q "($value)" || missing "$name ($value)" 'tsd(8)'
done <"$TMPDIR/limits"

# tsclient(3): each function that is exported
for name in $(sed -n 's/^ *\(ts_[a-z_]*\);$/\1/p' client/libtsclient.map); do
    grep -q "^\.Fo $name\$" man/tsclient.3 || missing "$name" 'tsclient(3)'
done

# ts-rules(7): each rule that is cited
for rule in $(grep -rhoE 'rules? [VPS][0-9]+' protocol daemon client contrib tests man |
    sed 's/.* //' | sort -u); do
    grep -q "^\.It Sy $rule\$" man/ts-rules.7 || missing "rule $rule" 'ts-rules(7)'
done

exit $bad
