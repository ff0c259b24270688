#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The recipes of tsctl(1) work as they are printed.
# shellcheck disable=SC1091,SC2016,SC2154 # check.bash sets out, err, ...; $ in single quotes is meant
set -u
. "$TSD_SOURCE/tests/lib/check.bash"

# recipe N: the Nth literal display of the section, as the page shows it
sed -n '/^\.Ss Recipes$/,/^\.Sh COMMANDS$/p' "$TSD_SOURCE/man/tsctl.1" |
    awk -v folder="$scratch" '
        /^\.Bd -literal/ { recipe++; inside = 1; next }
        /^\.Ed/ { inside = 0 }
        inside { gsub(/\\e/, "\\"); print >(folder "/recipe" recipe) }'
cd "$scratch" || exit 1

recipe() { # number: runs it with a daemon of its own
    expect_that test -s "$scratch/recipe$1"
    run tsctl run -- bash -e "$scratch/recipe$1"
}

recipe 1
expect 0 $'["q","hello"]'
recipe 2
expect 0 2
recipe 3
expect 0 "$(find /etc -maxdepth 1 -name '*.conf' -printf 'doing %p\n')"
recipe 4
expect 0 'all three'
recipe 5
expect 0 10
recipe 6
expect 0 -
expect_that grep -q "^$(uname -n)"$'\t'. <<<"$out"
recipe 7
expect 0
expect_that test ! -e "$scratch/recipe8"
