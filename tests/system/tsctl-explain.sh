#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tsctl explain: for a tuple, and for those stored.
# shellcheck disable=SC1091,SC2016,SC2154 # check.bash sets out, err, ...; $ in single quotes is meant
set -u
. "$TSD_SOURCE/tests/lib/check.bash"
with_daemon

# --- A tuple, field by field ---
run tsctl explain '["task", ?int, >=100]' '["task", 1, 100]'
expect 0 'match  ["task",1,100]
   1  ok  "task"  "task"
   2  ok  ?int    1
   3  ok  >=100   100
index  no tuple of 3 fields'
run tsctl explain '["task", (1|2), /^a/]' '["task", 3, "ba"]'
expect 1 'no     ["task",3,"ba"]
   1  ok  "task"   "task"
   2  no  (1 | 2)  3
   3  no  /^a/     "ba"
index  no tuple of 3 fields'
run tsctl explain '[1, ?, ?]' '[1]'
expect 1 'no     [1]
   1  ok  1  1
   2  no  ?  (no such field)
   3  no  ?  (no such field)
      no  the tuple has 1 field, the pattern 3 fields
index  no tuple of 3 fields'
run tsctl explain '[?, ...]' '[1, 2]'
expect 0 'match  [1,2]
   1  ok  ?  1
index  no tuple of 1 or more fields'
run tsctl explain '[1, ?, ...]' '[1]'
expect 1 'no     [1]
   1  ok  1  1
   2  no  ?  (no such field)
      no  the tuple has 1 field, the pattern 2 or more fields
index  no tuple of 2 or more fields'
run tsctl explain -q '[1]' '[2]'
expect 1
run tsctl explain -o json '["a", ?int]' '["a"]'
expect 1 '{"matches":false,"fields":[{"matches":true,"matcher":"\"a\"","value":"a"},{"matches":false,"matcher":"?int"}],"indexes":[]}'

# --- Those stored ---
run tsctl explain '[1]'
expect 1 'index  no tuple of 1 field
walk   nothing to try'
tsctl out '["task", 1, "a.png"]' '["task", 200, "b.png"]' '["task", 5]' '["log", 300, "c"]'
run tsctl explain '["task", >=100, ?str]'
expect 0 'index  by field 1: 2 of 3 tuples of 3 fields
walk   2 tuples tried, the last one matches
match  ["task",200,"b.png"]
near   ["task",1,"a.png"]
   1  ok  "task"  "task"
   2  no  >=100   1
   3  ok  ?str    "a.png"'
run tsctl explain -n 1 '["tusk", ?, ?]' # the first field is wrong
expect 1 'index  by field 1: 0 of 3 tuples of 3 fields
walk   nothing to try
near   ["task",1,"a.png"]
   1  no  "tusk"  "task"
   2  ok  ?       1
   3  ok  ?       "a.png"'
run tsctl explain -n 1 '["task", 200]' # the length is
expect 1 'index  by field 1: 1 of 1 tuple of 2 fields
walk   1 tuple tried, none matches
near   ["task",200,"b.png"]
   1  ok  "task"  "task"
   2  ok  200     200
      no  the tuple has 3 fields, the pattern 2 fields'
run tsctl explain -n all '[?, 200]'
expect 1 'index  none: all 1 tuple of 2 fields
walk   1 tuple tried, none matches
near   ["task",200,"b.png"]
   1  ok  ?    "task"
   2  ok  200  200
      no  the tuple has 3 fields, the pattern 2 fields
near   ["task",5]
   1  ok  ?    "task"
   2  no  200  5
near   ["task",1,"a.png"]
   1  ok  ?    "task"
   2  no  200  1
      no  the tuple has 3 fields, the pattern 2 fields
near   ["log",300,"c"]
   1  ok  ?    "log"
   2  no  200  300
      no  the tuple has 3 fields, the pattern 2 fields'
run tsctl explain '["log", ...]'
expect 0 'index  by field 1: 0 of 1 tuple of 2 fields
       by field 1: 1 of 3 tuples of 3 fields
walk   1 tuple tried, which matches
match  ["log",300,"c"]'
run tsctl explain -o json -n 1 '["task", >=100, ?str]'
expect 0 -
expect_that test "$(jq -c 'del(.match.id, .nearest[].id)' <<<"$out")" = '{"matches":true,"indexes":[{"kind":"first","fields":3,"literals":[1],"tuples":3,"under":2}],"tried":2,"stopped":false,"match":{"tuple":["task",200,"b.png"]},"nearest":[{"tuple":["task",1,"a.png"],"fields":[{"matches":true,"matcher":"\"task\"","value":"task"},{"matches":false,"matcher":">=100","value":1},{"matches":true,"matcher":"?str","value":"a.png"}]}]}'
run tsctl explain -o json '[?nil]'
expect 1 -
expect_that test "$(jq -c '[.matches, .match, (.nearest | length)]' <<<"$out")" = '[false,null,3]'
expect_that test "$(tsctl count)" = 4 # nothing was taken
clear_space

# --- Indexes that have come ---
seq -f '["t", %g, 7, "x"]' 3000 | tsctl out -
tsctl rdp -q '["t", ?, 8, ?]'
tsctl rdp -q '["t", >=2999, ?, ?]'
two_more() { [ "$(tsctl stats -o json | jq -c '[.indexes[] | .ready]')" = '[null,true,true]' ]; }
until_that two_more
run tsctl explain '["t", ?, 8, ?]' -n 1
expect 1 - ''
expect_that test "${out%%near*}" = 'index  hash of fields 1, 3: 0 of 3,000 tuples of 4 fields
walk   nothing to try
'
run tsctl explain '["t", >=2999, ?, ?]'
expect 0 'index  order of field 2 by field 1: 3,000 tuples of 4 fields
walk   1 tuple tried, which matches
match  ["t",2999,7,"x"]'

# --- A walk that ends early: whether there is one is not known ---
yes '["w", 1]' | head -n 20000 | tsctl out -s w -
run tsctl explain -s w -o json -n 1 '["w", 2]'
expect 1 -
expect_that test "$(jq -c '[.matches, .tried, .stopped]' <<<"$out")" = '[null,16384,true]'
run tsctl explain -s w -n 1 '["w", /x/]' # which costs more, so that it is not so many
expect 1 -
expect_that grep -Eqx 'walk   [0-9,]+ tuples tried, none matches; there are more' <<<"$out"

# --- It fits the screen ---
long=$(printf '%0200d' 0)
tsctl out -s long "[\"$long\", {\"$long\": 1}]"
run tsctl explain -s long "[?, {\"$long\": 2}]"
expect 1 -
expect_that test "$(wc -L <<<"$out")" -le 80

# --- What is wrong ---
run tsctl explain
expect 2 '' 'tsctl: explain needs a pattern
  such as tsctl explain '\''["task", ...]'\'
run tsctl explain '[1' '[1]'
expect 2 '' -
run tsctl explain '[?]' '[?]'
expect 2 '' 'tsctl: a matcher may stand only in patterns, those of in, rd, scan and count: a tuple has values only
  [?]
   ^'
run tsctl explain '[1]' '[1]' '[1]'
expect 2 '' 'tsctl: explain takes a pattern and a tuple, not 3 words'
run tsctl explain '[/(/]'
expect 2 '' -
run tsctl explain -o table '[1]'
expect 2 '' -
run tsctl explain -f 1 '[1]'
expect 2 '' 'tsctl: --fields: what is explained has none'
