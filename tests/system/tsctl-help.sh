#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Help: each command has it, it fits the screen, its examples work as they are printed.
# shellcheck disable=SC1091,SC2016,SC2154 # check.bash sets out, err, ...; $ in single quotes is meant
set -u
. "$TSD_SOURCE/tests/lib/check.bash"
cd "$scratch" || exit 1 # where examples write

run tsctl help
expect 0 -
commands=$(sed -n '/^Commands:$/,/^$/s/^  \([a-z]*\) .*/\1/p' <<<"$out")
expect_that test "$(wc -w <<<"$commands")" -ge 11
same=$out
run tsctl --help
expect 0 "$same"
run tsctl -h
expect 0 -
expect_that test "${out:0:6}" = usage:
expect_that test "$(wc -L <<<"$same$out")" -le 80
run tsctl --version
expect 0 -
expect_that grep -Eqx 'tsctl [0-9]+\.[0-9]+\.[0-9]+' <<<"$out"
run tsctl -V
expect 0 "$(tsctl --version)"

for command in $commands; do
    run tsctl help "$command"
    expect 0 -
    expect_that test "$(wc -L <<<"$out")" -le 80
    expect_that test "$(wc -l <<<"$out")" -lt 24 # a screen, with the prompt
    expect_that grep -q 'see tsctl --help' <<<"$out"
    long=$out
    run tsctl "$command" --help
    expect 0 "$long"
    run tsctl -h "$command"
    expect 0 -
    short=$out
    expect_that test "$(wc -L <<<"$short")" -le 80
    run tsctl "$command" -h
    expect 0 "$short"
    expect_that test "$(wc -l <<<"$short")" -lt "$(wc -l <<<"$long")"

    sed -n '/^Examples:$/,$s/^  //p' <<<"$long" >"$scratch/examples"
    expect_that test -s "$scratch/examples"
    run tsctl run -- bash -e "$scratch/examples"
    expect 0 - ''
done

# -t and -n: listed by those commands that take them, refused by the others (they have no daemon)
for command in $commands; do
    for option in t n; do
        listed=$(tsctl help "$command" | grep -c "^  -$option, --")
        run env TSD_SOCKET="$scratch/none" tsctl "$command" -$option 3 -- '[1]'
        refused=$(grep -c "^tsctl: $command has no option -$option\$" <<<"$err")
        expect_that test "$command $option: $((listed + refused))" = "$command $option: 1"
    done
done

# what in does not promise
expect_that grep -q 'A shell that dies after in' <<<"$(tsctl help in)"
expect_that grep -q 'all that are there, once there' <<<"$(tsctl help in)"

# examples of the page fit a screen, too: 11 columns stand before them
sed -n '/^\.Bd -literal/,/^\.Ed/p' "$TSD_SOURCE/man/tsctl.1" | grep -v '^\.' >"$scratch/page"
expect_that test -s "$scratch/page"
expect_that test "$(wc -L <"$scratch/page")" -le 69

# the first page's examples
tsctl help | sed -n '/^Examples:$/,/^$/s/^  //p' >"$scratch/examples"
run tsctl run -- bash -e "$scratch/examples"
expect 0 - ""
