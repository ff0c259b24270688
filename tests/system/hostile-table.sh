#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tests/hostile.md names tests that there are, which say how many they tried; and all that say so.
set -u
cd "$TSD_SOURCE/tests" || exit 1
rows=0 failed=0

complain() {
    echo "$*"
    failed=1
}

calls() { # files -> the calls of tried() in them, wherever their lines break
    cat "$@" | tr -d ' \n' | grep -o 'tried("[a-z0-9_]*"'
}

# The last cells of the table's rows: `test`, file without its .c
while IFS=' ' read -r name file; do
    rows=$((rows + 1))
    grep -q "^START_TEST($name)" "$file.c" || complain "$file.c has no test $name"
    calls "$file.c" | grep -q "\"$name\"" ||
        complain "$name does not say how many it tried"
done < <(sed -n 's/^|.*| \([0-9,]*\) | `\([a-z0-9_]*\)`, \([a-z0-9_/]*\) |$/\2 \3/p' hostile.md)

[ $rows = "$(grep '^| ' hostile.md | grep -cv '^| what | gets')" ] ||
    complain 'a row of the table has another form'
said=$(calls */test_*.c */*/test_*.c | wc -l)
[ $rows = "$said" ] || complain "the table has $rows rows, and $said tests say what they tried"
[ $rows -gt 0 ] && [ $failed = 0 ]
