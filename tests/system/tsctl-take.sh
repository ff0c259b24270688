#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tsctl in, inp, rd, rdp.
# shellcheck disable=SC1091,SC2016,SC2154 # check.bash sets out, err, ...; $ in single quotes is meant
set -u
. "$TSD_SOURCE/tests/lib/check.bash"
with_daemon

# --- The oldest match; rd leaves it, in takes it ---
tsctl out '["t", 1]' '["t", 2]' '["u", 3]'
run tsctl rd '["t", ?int]'
expect 0 '["t",1]'
run tsctl in '["t", ?int]'
expect 0 '["t",1]'
run tsctl rdp '["t", ?int]'
expect 0 '["t",2]'
run tsctl inp '["t", >=3]'
expect 1
run tsctl inp '["t", >=2]'
expect 0 '["t",2]'
run tsctl rdp '["t", ...]'
expect 1
run tsctl -q rdp '["u", ?]'
expect 0
run tsctl in -q '["u", ?]'
expect 0
run tsctl count
expect 0 0

# --- Time ---
run tsctl in -t 0 '["t"]'
expect 1
run tsctl rd --timeout 0 '["t"]'
expect 1
run tsctl in -t 20ms '["t"]'
expect 3
run tsctl rd -t0.02 '["t"]'
expect 3

# --- All that are there: in waits for the first, inp does not ---
run tsctl in -n all -t 20ms '["t"]'
expect 3
run tsctl inp -n all '["t"]'
expect 1
run tsctl in -t .02 '["t"]'
expect 3

# --- Waiting: served as soon as there is one ---
tsctl in '["w", ?]' >"$scratch/taken" &
taker=$!
tsctl rd '["w", ?]' >"$scratch/read" &
reader=$!
until_that waiting 2
tsctl out '["x", 0]' '["w", 1]'
wait $taker && wait $reader
expect_that test $? = 0
run cat "$scratch/taken" "$scratch/read"
expect 0 $'["w",1]\n["w",1]'
run tsctl inp -n all '[...]'
expect 0 '["x",0]'

# --- Alternatives: the oldest of all ---
tsctl out '["c"]' '["b"]' '["a"]'
run tsctl in '["a"]' '["b"]'
expect 0 '["b"]'
run tsctl inp '["x"]' '["y"]' '["z"]' '["1"]' '["2"]' '["3"]' '["4"]' '["c"]'
expect 0 '["c"]'
clear_space

# --- Counts ---
tsctl out '[1]' '[2]' '[3]' '[4]' '[5]'
run tsctl rd -n 3 '[?]'
expect 0 $'[1]\n[2]\n[3]'
run tsctl in -n 2 '[?]'
expect 0 $'[1]\n[2]'
run tsctl in -n 10 '[?]'
expect 0 $'[3]\n[4]\n[5]'
run tsctl in -t 20ms -n 2..3 '[?]'
expect 3
tsctl out '[1]'
run tsctl in -t 20ms -n 2..3 '[?]'
expect 3
run tsctl count
expect 0 1
tsctl in -n 2..3 '[?]' >"$scratch/two" &
until_that waiting 1
tsctl out '[2]'
wait $!
run cat "$scratch/two"
expect 0 $'[1]\n[2]'
run tsctl inp -n all '[?]'
expect 1
seq -f '[%g]' 20000 | tsctl out - # more than a unit
run tsctl inp -n all -f 1 '[?]'
expect 0 "$(seq 20000)"
seq -f '[%g]' 20000 | tsctl out -
run tsctl inp -n 18000 -f 1 '[?]'
expect 0 "$(seq 18000)"
run tsctl rd -n all -q '[?]'
expect 0
clear_space
for i in 1 2 3 4 5 6; do tsctl out --arg f "$(printf '%0100000d' 0)" "[$i, \$f]"; done
run tsctl rd -n all -f 1 '[...]'
expect 0 $'1\n2\n3\n4\n5\n6'
clear_space
head -c 3M /dev/zero >"$scratch/large" # two fit no answer
tsctl out --binfile f "$scratch/large" '[1, $f]'
tsctl out --binfile f "$scratch/large" '[2, $f]'
run tsctl rd -n 2 -f 1 '[...]'
expect 0 1 'tsctl: more tuples match than fit one answer
  tsctl scan reads all of them'
run tsctl scan -f 1
expect 0 $'1\n2'
run tsctl in -n 2 -f 1 '[...]'
expect 0 $'1\n2'

# --- One after the other ---
followed() { [ "$(cat "$scratch/follow")" = "$1" ]; }
tsctl in --follow -f 2 '["f", ?]' >"$scratch/follow" &
follower=$!
until_that waiting 1
tsctl out '["f", 1]' '["f", 2]'
until_that followed $'1\n2' # each line is there as it comes
until_that waiting 1
tsctl out '["f", 3]'
until_that followed $'1\n2\n3'
until_that waiting 1
kill -INT $follower # ^C; a job without job control starts with it ignored
kill -TERM $follower
wait $follower
expect_that test $? = 143
run tsctl count
expect 0 0
tsctl out '["f", 1]' '["f", 2]' '["f", 3]'
run tsctl in --follow -n 2 '["f", ?]'
expect 0 $'["f",1]\n["f",2]'
run tsctl in --follow -t 20ms '["f", ?]'
expect 3 '["f",3]'

# --- Space, regular expressions ---
tsctl -s s out '["abc"]' '["Xbc"]'
run tsctl in -s s '[/^[a-z]+$/i]'
expect 0 '["abc"]'
run tsctl inp -s s '[/^[a-z]+$/]'
expect 1
run tsctl inp -s s '[(?int | ^"X")]'
expect 0 '["Xbc"]'
# what only the daemon can refuse has its caret, too
for command in in rd inp rdp scan count; do
    run tsctl $command '["a", [1, /ab\/c(/]]'
    expect 2 '' -
    expect_that test "${err:0:7}" = 'tsctl: '
    expect_that test "$(grep -c byte <<<"$err")" = 0 # the caret shows it
    expect_that test "$(sed -n '2,$p' <<<"$err")" = '  ["a", [1, /ab\/c(/]]
                   ^'
done
run tsctl in '["a", /a/]' '["b", 1, /(/]'
expect 2 '' -
expect_that test "$(sed -n '2,$p' <<<"$err")" = '  ["b", 1, /(/]
             ^'
run tsctl in '["a", /a(/]' '["b", /(/]' # it is not clear which one is meant
expect 2 '' -
expect_that test "$(wc -l <<<"$err")" = 1

# --- Output that cannot be written: the tuple is back, and that is no return ---
untried() { # one that matches is stored, and never came back
    checks=$((checks + 1))
    [ "$(tsctl scan --state -o tsv "$1" | cut -f 1,9 | cut -c 1-20)" = $'stored\t0' ] ||
        fail "$(tsctl scan --state -o tsv "$1" | cut -c 1-200)"
}
head -c 400000 /dev/zero >"$scratch/small"
tsctl out '["p"]'
run bash -c 'tsctl in "[\"p\"]" >/dev/full'
expect 6 '' 'tsctl: cannot write to standard output: No space left on device'
untried '["p"]'
tsctl inp -q '["p"]'
tsctl out '["p"]'
run bash -c 'tsctl rd "[\"p\"]" >&-' # closed: it is not taken for another descriptor
expect 6 '' 'tsctl: cannot write to standard output: Bad file descriptor'
run bash -c 'tsctl out - <&-'
expect 2 '' 'tsctl: cannot read standard input: Bad file descriptor
  nothing went in'
tsctl inp -q '["p"]'
# one that is full does not keep a signal from ending it
mkfifo "$scratch/full"
tsctl out --binfile f "$scratch/large" '["p", $f]'
tsctl in '["p", ?]' >"$scratch/full" &
writer=$!
exec 4<"$scratch/full"
head -c 1 <&4 >"$scratch/first" # it writes
kill -TERM $writer
wait $writer
expect_that test $? = 143
exec 4<&-
untried '["p", ?]'
tsctl inp -q '["p", ?]'
# of several, those that were written are taken, the rest is back
for i in 1 2 3; do tsctl out --argjson i $i --binfile f "$scratch/small" '["p", $i, $f]'; done
tsctl in -n all -f 2,3 '["p", ...]' >"$scratch/full" &
writer=$!
exec 4<"$scratch/full"
head -c 700000 <&4 >"$scratch/first" # more than the first, and less than the second
kill -TERM $writer
wait $writer
expect_that test $? = 143
exec 4<&-
run tsctl scan -f 2 '["p", ...]'
expect 0 $'2\n3'
expect_that test "$(tsctl scan --state -o tsv '["p", ...]' | cut -f 9)" = $'0\n0'
clear_space
# a closed pipe ends it quietly by SIGPIPE, though whoever started it ignored that
tsctl out '["p"]'
mkfifo "$scratch/pipe"
(trap '' PIPE && exec tsctl in '["go"]' >"$scratch/pipe" 2>"$scratch/err") &
writer=$!
: <"$scratch/pipe" # opened, and closed again
until_that waiting 1
tsctl out '["go"]'
wait $writer
expect_that test $? = 141
run cat "$scratch/err"
expect 0
untried '["go"]'
tsctl inp -q '["go"]' '["p"]'
# so does ^C while it waits; what others put then stays
tsctl in '["wait"]' &
waiter=$!
until_that waiting 1
kill -TERM $waiter
wait $waiter
expect_that test $? = 143
tsctl out '["wait"]'
untried '["wait"]'
tsctl inp -q '["wait"]'

# --- The daemon goes while somebody waits ---
cat >"$scratch/lost" <<'END'
tsctl in '["never"]' & waiter=$!
until [ "$(tsctl spaces -f 4 main)" = 1 ]; do :; done
kill -KILL "$(pgrep -f "^tsd --socket $TSD_SOCKET ")"
wait $waiter
END
run env -u TSD_SOCKET tsctl run -- bash "$scratch/lost"
expect 5 '' -
expect_that grep -q '^tsctl: run: the private daemon was ended by signal 9$' <<<"$err"
