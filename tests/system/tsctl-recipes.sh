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

next=0
recipe() { # what is in it: runs the next one with a daemon of its own
    next=$((next + 1))
    expect_that grep -qF -e "$1" "recipe$next"
    run tsctl run -- bash -e "recipe$next"
}
sorted() { # the same output, in whatever order
    out=$(sort <<<"$out")
}

recipe 'tsctl hold '\''["disk"]'\'
expect 0 4
recipe 'tsctl hold -t 5'
expect 0 locked
recipe 'tsctl work -j4 --drain'
sorted
expect 0 "$(find /etc -maxdepth 1 -name '*.conf' -exec wc -w {} ';' | sort)" -
recipe 'tsctl drained'
sorted
expect 0 $'all done\none\ntwo' -
recipe '--halt soon,fail=1'
sorted
expect 0 $'3\n7\ndone\t0\t["pair",1,2]\ndone\t0\t["pair",3,4]\noutcome\texit\ttask'
expect_that test ! -e pairs.log
recipe 'tsctl in -t 5'
expect 0 '["q","hello"]'
recipe 'tsctl atomic -t 0 --absent'
expect 0 '["v",2]'
recipe 'tsctl watch --now'
expect 0 -
expect_that grep -q "$(uname -n)" <<<"$out"
recipe 'tsctl in -q -n 3..3'
expect 0 'all three'
recipe 'tsctl atomic -q --in '\''["limit", ?int]'\'
expect 0 10
recipe 'tsctl scan -o raw'
expect 0
expect_that test ! -e space.mp
expect_that test ! -e "recipe$((next + 1))"
