#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Help: each command has it, it fits the screen, its examples work as they are printed.
# shellcheck disable=SC1091,SC2016,SC2154 # check.bash sets out, err, ...; $ in single quotes is meant
set -u
. "$TSD_SOURCE/tests/lib/check.bash"

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
run tsctl --version
expect 0 -
expect_that grep -Eqx 'tsctl [0-9]+\.[0-9]+\.[0-9]+' <<<"$out"

for command in $commands; do
    run tsctl help "$command"
    expect 0 -
    expect_that test "$(wc -L <<<"$out")" -le 100
    long=$out
    run tsctl "$command" --help
    expect 0 "$long"
    run tsctl -h "$command"
    expect 0 -
    short=$out
    run tsctl "$command" -h
    expect 0 "$short"
    expect_that test "$(wc -l <<<"$short")" -lt "$(wc -l <<<"$long")"

    sed -n '/^Examples:$/,$s/^  //p' <<<"$long" >"$scratch/examples"
    expect_that test -s "$scratch/examples"
    run tsctl run -- bash -e "$scratch/examples"
    expect 0 - ''
done

# the first page's examples
tsctl help | sed -n '/^Examples:$/,/^$/s/^  //p' >"$scratch/examples"
run tsctl run -- bash -e "$scratch/examples"
expect 0 - ""
