#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tsctl stats: tables for people, everything for programs.
# shellcheck disable=SC1091,SC2016,SC2154 # check.bash sets out, err, ...; $ in single quotes is meant
set -u
. "$TSD_SOURCE/tests/lib/check.bash"
with_daemon

# --- Nothing ---
run tsctl stats
expect 0
run tsctl stats -q
expect 1
run tsctl stats none
expect 1

# --- A line a space ---
tsctl out -s b '[1, 2]' '[3]'
tsctl out -s a '["x"]'
run tsctl stats
expect 0 'SPACE  TUPLES  BYTES  WAITING  LOOKS  WALKS  LONGEST
a           1      3        0      0      0        0
b           2      5        0      0      0        0'
run tsctl stats --sort tuples
expect 0 'SPACE  TUPLES  BYTES  WAITING  LOOKS  WALKS  LONGEST
b           2      5        0      0      0        0
a           1      3        0      0      0        0'
run tsctl stats --no-headers --sort space
expect 0 'a  1  3  0  0  0  0
b  2  5  0  0  0  0'
run tsctl stats --sort sise
expect 2 '' 'tsctl: --sort: no column '\''sise'\''
  there are space, tuples, bytes, waiting, kept, delayed, watches, looks, walks, longest, oversized, overruns, indexes, shapes'
run tsctl stats -f 1,2 --sort bytes
expect 0 $'b\t2\na\t1'
run tsctl stats -q
expect 0
tsctl inp -q -n all -s b '[...]'
tsctl inp -q -n all -s a '[...]'

# --- What is told of one space: walks, and the indexes that they ask for ---
seq -f '["t", %g, "f"]' 3000 | tsctl out -
tsctl inp -q '["t", >=2999, "f"]'
until_that test "$(tsctl stats -o json | jq '.indexes | length')" = 2
run tsctl stats main
expect 0 - # how long the pieces of a walk are is not promised
expect_that grep -Eqx 'first +3  1 +- +2999 +- *(-)?' <<<"$out"
expect_that grep -Eqx 'order +3  1,3 +2 +2999 .*' <<<"$out"
expect_that grep -Eqx 'WALKS  PAST' <<<"$out"
expect_that test "$(wc -L <<<"$out")" -le 80
run tsctl explain -q '["t", >=2999, "f"]' # which is not counted
hits=$(tsctl stats -o json | jq '.indexes[1].hits')
run tsctl rdp -q '["t", >=2990, "f"]'
expect_that test "$(tsctl stats -o json | jq '.indexes[1].hits')" = $((hits + 1))
expect_that test "$(tsctl stats -o json | jq -c '.indexes[1] | [.kind, .fields, .literals, .ordered, .tuples, .ready]')" = '["order",3,[1,3],2,2999,true]'
expect_that test "$(tsctl stats -o json | jq '(.lengths | add) == .walks and .longest > 0 and .walked >= .longest')" = true
clear_space

# --- What waits, by shape ---
waiters=()
tsctl out -s w '["other"]'
for pattern in '["a", ?, 1]' '["b", ?, 1]' '["b", ?, 1]' '["a", >=5]' '[7, ...]'; do
    tsctl in -q -s w "$pattern" &
    waiters+=($!)
done
five_wait() { [ "$(tsctl stats -f 4 w)" = 5 ]; }
until_that five_wait
run tsctl stats w
expect 0 'SPACE  TUPLES  BYTES  WAITING  LOOKS  WALKS  LONGEST  SHAPES
w           1      7        5      5      0        0       3

INDEX  FIELDS  LITERAL  TUPLES
first       1  1             1

SHAPE  LITERAL  BOUNDED  PATTERNS  WAITS
2      1              2         1      1
3      1,3            -         2      3
1+     1              -         1      1'
run tsctl stats -o json w
expect 0 -
expect_that test "$(jq -c .shapes <<<"$out")" = '[{"fields":2,"rest":false,"literals":[1],"bounded":2,"patterns":1,"waits":1},{"fields":3,"rest":false,"literals":[1,3],"patterns":2,"waits":3},{"fields":1,"rest":true,"literals":[1],"patterns":1,"waits":1}]'
kill "${waiters[@]}"
wait "${waiters[@]}" 2>/dev/null

# --- Regular expressions that could not tell ---
head -c 70000 /dev/zero | tr '\0' a | tsctl out --each '["re", $line]' -
run tsctl rdp '["re", /b/]'
expect 1
run tsctl stats -o json main
expect_that test "$(jq -c '[.oversized, .overruns]' <<<"$out")" = '[1,0]'
clear_space

# --- Again and again; a great many ---
tsctl out -s one '[1]'
run bash -c 'set -o pipefail; tsctl stats --watch 10ms one --no-headers | head -n 5'
expect 141 'one  1  2  0  0  0  0

first  1  1  1

one  1  2  0  0  0  0'
run tsctl stats --watch 0
expect 2 '' "tsctl: --watch: again and again without a pause"
seq 300 | xargs -P 4 -I{} tsctl out -s 'n{}' '[1]'
expect_that test "$(tsctl stats -f 1 | wc -l)" = 302
