#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tsctl scan, count, spaces, ping; the formats of output.
# shellcheck disable=SC1091,SC2016,SC2154 # check.bash sets out, err, ...; $ in single quotes is meant
set -u
. "$TSD_SOURCE/tests/lib/check.bash"
with_daemon

# --- scan ---
run tsctl scan
expect 1
run tsctl scan '[1]'
expect 1
tsctl out '["a", 1]' '["b", 2]' '["a", 3]'
run tsctl scan
expect 0 $'["a",1]\n["b",2]\n["a",3]'
run tsctl scan '["a", ?]'
expect 0 $'["a",1]\n["a",3]'
run tsctl scan --reverse
expect 0 $'["a",3]\n["b",2]\n["a",1]'
run tsctl scan -n 2
expect 0 $'["a",1]\n["b",2]'
run tsctl scan -n 1 --reverse '["a", ...]'
expect 0 '["a",3]'
run tsctl scan -n all -q
expect 0
run tsctl scan -q '["c"]'
expect 1
run tsctl scan -s none
expect 1
seq -f '["n", %g]' 40000 | tsctl out -
run tsctl scan -f 2 '["n", ?]' # many pieces
expect 0 "$(seq 40000)"
run tsctl scan -n 20000 -f 2 '["n", ?]'
expect 0 "$(seq 20000)"
run tsctl scan --reverse -n 20000 -f 2 '["n", ?]'
expect 0 "$(seq 40000 -1 20001)"
run bash -c 'set -o pipefail; tsctl scan | head -n 1' # a closed pipe ends it, quietly
expect 141 '["a",1]'

# --- count ---
run tsctl count
expect 0 40003
run tsctl count '["a", ?]'
expect 0 2
run tsctl count '["c"]'
expect 0 0
run tsctl count -q '["a", ?]'
expect 0
run tsctl count -q '["c"]'
expect 1
run tsctl count -o json -s none
expect 0 0
clear_space

# --- spaces ---
user=$(id -un) group=$(id -gn) # whose they are, as wide as their columns
printf -v heads "%-${#user}s  %-${#group}s  MODE" OWNER GROUP
printf -v cells '%-5s  %-5s  rwt------' "$user" "$group"
run tsctl spaces
expect 1
tsctl out -s first '["12345678"]' '[2]'
tsctl out -s "it's 2nd" '[1]'
run tsctl spaces -f 1,2,4,5
expect 0 $'first\t2\t0\t0\nit\'s 2nd\t1\t0\t0'
run tsctl spaces -o table first
expect 0 "NAME   TUPLES  BYTES  WAITING  KEPT  $heads
first       2     12        0     0  $cells"
run tsctl spaces "it's 2nd"
expect 0 "NAME      TUPLES  BYTES  WAITING  KEPT  $heads
it's 2nd       1      2        0     0  $cells"
# programs see all columns, also those that have nothing
rest=',"delayed":0,"watches":0,"capacity":null,"max-returns":null,"dead-letter":null,"owner":"'"$user"'","group":"'"$group"'","mode":"rwt------"}'
run tsctl spaces first -o json
expect 0 '{"name":"first","tuples":2,"bytes":12,"waiting":0,"kept":0'"$rest"
run tsctl spaces first -o notation
expect 0 '{"name":"first","tuples":2,"bytes":12,"waiting":0,"kept":0'"$rest"
run tsctl spaces -o sh "it's 2nd"
expect 0 "name='it'\\''s 2nd' tuples='1' bytes='2' waiting='0' kept='0' delayed='0' watches='0' capacity='null' max_returns='null' dead_letter='null' owner='$user' group='$group' mode='rwt------'"
run tsctl spaces -o tsv first
expect 0 $'first\t2\t12\t0\t0\t0\t0\tnull\tnull\tnull\t'"$user"$'\t'"$group"$'\trwt------'
run tsctl spaces -o json -f 2,1 first
expect 0 '[2,"first"]'
run tsctl spaces -o raw first
expect_that cmp "$scratch/out" <(printf '\x8d\xa4name\xa5first\xa6tuples\x02\xa5bytes\x0c\xa7waiting\x00\xa4kept\x00'
    printf '\xa7delayed\x00\xa7watches\x00\xa8capacity\xc0\xabmax-returns\xc0\xabdead-letter\xc0'
    for word in owner "$user" group "$group" mode rwt------; do printf "\\x$(printf %x $((160 + ${#word})))%s" "$word"; done)
run tsctl spaces --color always first
expect 0 $'\033[1m'"NAME   TUPLES  BYTES  WAITING  KEPT  $heads"$'\033[0m\n'"first       2     12        0     0  $cells"
run tsctl spaces -q first
expect 0
run tsctl spaces -q none
expect 1
run tsctl spaces none first -f 1
expect 0 first
tsctl inp -q -n all -s first '[...]'
tsctl inp -q -s "it's 2nd" '[...]'

# --- ping ---
run tsctl ping
expect 0 "tsd $(tsctl --version | cut -d' ' -f2) answers at $TSD_SOCKET"
run tsctl ping -q
expect 0
run tsctl ping -f 1
expect 0 "$TSD_SOCKET"
run tsctl ping -o json
expect 0 -
expect_that grep -Eqx '\{"socket":"[^"]*","release":"[0-9.]+","run":"[0-9]+"\}' <<<"$out"
run env -u TSD_SOCKET tsctl --socket "$TSD_SOCKET" ping -f 1
expect 0 "$TSD_SOCKET"
mkdir "$scratch/tsd"
ln -s "$TSD_SOCKET" "$scratch/tsd/socket"
run env -u TSD_SOCKET "XDG_RUNTIME_DIR=$scratch" tsctl ping -f 1
expect 0 "$scratch/tsd/socket"

# --- The daemon appears while somebody waits for it ---
tsctl -S "$scratch/late" -w 1m ping -f 1 >"$scratch/waited" &
waiter=$!
tsd --socket "$scratch/late" --log-level warning &
daemon=$!
wait $waiter
expect_that test $? = 0
run cat "$scratch/waited"
expect 0 "$scratch/late"
kill $daemon
wait $daemon

# --- Formats of tuples; test_output has the rest ---
tsctl out '["a b", nan, b"aGk=", {"k": "it'\''s"}]'
run tsctl rd '[...]'
expect 0 '["a b",nan,b"aGk=",{"k":"it'\''s"}]'
run tsctl rd -o notation '[...]'
expect 0 '["a b",nan,b"aGk=",{"k":"it'\''s"}]'
run tsctl rd -o json '[...]'
expect 0 '["a b",{"$float":"nan"},{"$bin":"aGk="},{"k":"it'\''s"}]'
run tsctl rd -o tsv '[...]'
expect 0 $'a b\tnan\tb"aGk="\t{"k":"it\'s"}'
run tsctl rd -o sh '[...]'
expect 0 "'a b' 'nan' 'b\"aGk=\"' '{\"k\":\"it'\\''s\"}'"
run tsctl rd -f 1 -0 '[...]'
expect 0 'a b~'
run tsctl rd -f 4,1..2 '[...]'
expect 0 $'{"k":"it\'s"}\ta b\tnan'
run tsctl rd --color always '[...]' # no colour in what a machine reads
expect 0 '["a b",nan,b"aGk=",{"k":"it'\''s"}]'
