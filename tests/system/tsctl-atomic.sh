#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tsctl atomic.
# shellcheck disable=SC1091,SC2016,SC2154 # check.bash sets out, err, ...; $ in single quotes is meant
set -u
. "$TSD_SOURCE/tests/lib/check.bash"
with_daemon

waits() { # somebody waits in the space main
    [ "$(tsctl spaces -f 4 main)" -gt 0 ]
}

# --- Insert if absent, compare and set, a counter ---
run tsctl atomic --absent '["v", ?]' --out '["v", 1]'
expect 0
run tsctl atomic -t 0 --absent '["v", ?]' --out '["v", 5]'
expect 1
run tsctl atomic -t 20ms --absent '["v", ?]' --out '["v", 5]'
expect 3
run tsctl atomic --in '["v", 1]' --out '["v", 2]'
expect 0 '["v",1]'
run tsctl atomic -t 0 --in '["v", 1]' --out '["v", 3]'
expect 1
for _ in 1 2 3 4; do
    tsctl atomic -q --in '["v", ?int]' --out '["v", $1.2+10]' &
done
wait
run tsctl scan
expect 0 '["v",42]'
run tsctl atomic --in '["v", ?int]' --out '["v", $1.2-43]' --out '["was", $1.2, "$1.2"]'
expect 0 '["v",42]'
run tsctl scan
expect 0 $'["v",-1]\n["was",42,"$1.2"]'
run tsctl atomic --arg s "it's" --in '["was", ...]' --out '[$s, [1, 2], $1.1, $1.3]'
expect 0 '["was",42,"$1.2"]'
run tsctl inp '["it'\''s", ...]'
expect 0 '["it'\''s",[1,2],"was","$1.2"]'

# --- Guards: each a tuple of its own, in the order given; rd leaves it; absent has none ---
tsctl out '["fork", 1]' '["fork", 2]'
run tsctl atomic --in '["fork", ?]' --absent '["none"]' --rd '["v", ?]' --in '["fork", ?]'
expect 0 $'["fork",1]\n["v",-1]\n["fork",2]'
run tsctl scan
expect 0 '["v",-1]'
tsctl atomic --in '["a", ?]' --in '["b", ?]' --out '["ab", $2.2, $1.2]' >"$scratch/both" &
both=$!
until_that waits
tsctl out '["a", 1]'
run tsctl count '["a", ?]' # it reserves nothing
expect 0 1
tsctl out '["b", 2]'
wait $both
run cat "$scratch/both"
expect 0 $'["a",1]\n["b",2]'
run tsctl inp '["ab", ...]'
expect 0 '["ab",2,1]'
run tsctl atomic -f 2 --rd '["v", ?]'
expect 0 -1

# --- hold: until tsctl ends, or with --for by its token; finish ---
run tsctl atomic --hold '["v", ?]' --out '["seen", $1.2]'
expect 0 '["v",-1]'
run tsctl scan
expect 0 $'["v",-1]\n["seen",-1]'
run tsctl atomic --for 1m --rd '["seen", ?]' --hold '["v", ?]'
expect 0 -
expect_that grep -Eqx '\{"guard":1,"tuple":\["seen",-1\]\}' <<<"$out"
expect_that grep -Eqx '\{"guard":2,"tuple":\["v",-1\],"token":"[0-9a-f]{32}"\}' <<<"$out"
token=$(sed -n 's/.*"token":"\([^"]*\)".*/\1/p' <<<"$out")
run tsctl atomic --in '["seen", ?]' --finish "$token" --out '["v", $1.2+1]'
expect 0 '["seen",-1]'
run tsctl scan
expect 0 '["v",0]'
run tsctl atomic --rd '["v", ?]' --finish "$token"
expect 4 '' -

# --- A field that is not there, not an int, out of range: nothing is done ---
tsctl out '["s", "text"]' '["most", 18446744073709551615]'
run tsctl atomic --in '["v", ?]' --out '["v", $1.3]'
expect 2 '' "tsctl: step 1: field 2: guard 0's tuple has no field 2 (both from 0)
  that is \$1.3, which counts from 1"
run tsctl atomic --absent '["z"]' --in '["s", ?]' --out '["s", $2.2+1]'
expect 2 '' "tsctl: step 1: field 2: field 1 of guard 1's tuple (both from 0) is no int to add to
  that is \$2.2, which counts from 1"
run tsctl atomic --in '["most", ?]' --out '["most", $1.2+1]'
expect 2 '' "tsctl: step 1: field 2: field 1 of guard 0's tuple (both from 0) plus 1 is beyond what an int can be
  that is \$1.2, which counts from 1"
run tsctl count
expect 0 3
run tsctl atomic --in '["most", ?]' --out '["most", $1.2-1]'
expect 0 '["most",18446744073709551615]'
run tsctl inp '["most", ?]'
expect 0 '["most",18446744073709551614]'

# --- What cannot be printed goes back, where it was not final ---
run bash -c 'tsctl atomic --in "[\"s\", ?]" --in "[\"v\", ?]" >/dev/full'
expect 6 '' 'tsctl: cannot write to standard output: No space left on device'
run tsctl count
expect 0 2
expect_that test "$(tsctl scan --state -o tsv | cut -f 9)" = $'0\n0'
run bash -c 'tsctl atomic --in "[\"s\", ?]" --in "[\"v\", ?]"'
expect 0 $'["s","text"]\n["v",0]'
run tsctl count --state
expect 0 0

# --- ^C while it waits: nothing is taken ---
tsctl out '["a", 1]'
tsctl atomic --in '["a", ?]' --in '["b", ?]' &
waiter=$!
until_that waits
kill -TERM $waiter
wait $waiter
expect_that test $? = 143
run tsctl inp '["a", ?]'
expect 0 '["a",1]'

# --- Full, too many ---
tsctl space create --capacity 1 small
tsctl out -s small '["x"]'
run tsctl atomic -s small -t 0 --rd '["x"]' --out '["y"]'
expect 4 '' -
run tsctl atomic -s small -t 20ms --rd '["x"]' --out '["y"]'
expect 3
run tsctl atomic -s small --in '["x"]' --out '["y"]'
expect 0 '["x"]'
guards=()
for _ in {1..17}; do guards+=(--absent '["z"]'); done
run tsctl atomic "${guards[@]}"
expect 2 '' 'tsctl: atomic has at most 16 guards'
run tsctl atomic "${guards[@]:2}" --out '["z"]'
expect 0

# --- Wrong use ---
run tsctl atomic
expect 2 '' "tsctl: atomic needs a guard: --in, --rd, --hold or --absent
  such as tsctl atomic --in '[\"v\", 1]' --out '[\"v\", 2]'"
run tsctl atomic --out '["a"]'
expect 2 '' -
run tsctl atomic --in '["a"]' '["b"]'
expect 2 '' "tsctl: atomic takes no arguments, and '[\"b\"]' is one
  each guard and each tuple stands after its option, in single quotes"
run tsctl atomic --in [v, 1]
expect 2 '' "tsctl: the shell removed the quotes: put the pattern in single quotes
  tsctl atomic --in '[\"v\", 1]'"
run tsctl atomic --in '["v", ?integer]'
expect 2 '' -
expect_that test "$(sed -n '2,3p' <<<"$err")" = '  ["v", ?integer]
        ^'
run tsctl atomic --in 'v' --out '["v"]'
expect 2 '' -
expect_that test "$(sed -n '4p' <<<"$err")" = "  a pattern begins with [, as in '[\"task\", ?int]'"
run tsctl atomic --in '["v", ?]' --out '["v", $2.2]'
expect 2 '' 'tsctl: --out: no such guard: they are counted from 1 to 1
  ["v", $2.2]
        ^'
run tsctl atomic --absent '["v", ?]' --out '["v", [$1.2]]'
expect 2 '' -
run tsctl atomic --in '["v"]' --finish abc
expect 2 '' -
run tsctl atomic --for 1m --in '["v"]'
expect 2 '' 'tsctl: atomic: --for is how long --hold holds, and there is none'
run tsctl atomic -o table --in '["v"]'
expect 2 '' -
run tsctl atomic --arg 1 a --in '["v"]'
expect 2 '' "tsctl: '1' cannot be a name
  a name has letters, digits and _ and begins with none of the digits"
