#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tsctl watch and drained.
# shellcheck disable=SC1091,SC2016,SC2154 # check.bash sets out, err, ...; $ in single quotes is meant
set -u
. "$TSD_SOURCE/tests/lib/check.bash"
with_daemon

lines() { # a file has so many lines
    [ -f "$1" ] && [ "$(wc -l <"$1")" = "$2" ]
}
waiting() { # so many requests wait in the space main
    [ "$(tsctl spaces -f 4 main)" = "$1" ]
}

# --- What is stored, then what happens; each line as it comes ---
tsctl out --priority 2 '["log", 1]'
tsctl watch --now '["log", ...]' >"$scratch/events" &
watcher=$!
until_that lines "$scratch/events" 2
tsctl out '["log", 2]' '["other"]'
until_that lines "$scratch/events" 3
tsctl hold --finish '["log", 2]' -- sh -c 'exit 5'
tsctl inp -q '["log", 2]'
tsctl out --pulse '["log", 3]'
until_that lines "$scratch/events" 8
kill -TERM $watcher
wait $watcher
expect_that test $? = 143
run sed 's/"id":"[0-9]*",//' "$scratch/events"
expect 0 '{"event":"put","tuple":["log",1],"priority":2,"returns":0}
{"event":"ready"}
{"event":"put","tuple":["log",2],"priority":0,"returns":0}
{"event":"taken","tuple":["log",2],"priority":0,"returns":0}
{"event":"returned","tuple":["log",2],"priority":0,"returns":1,"reason":"released","exit":5}
{"event":"taken","tuple":["log",2],"priority":0,"returns":1,"reason":"released","exit":5}
{"event":"put","tuple":["log",3],"priority":0,"returns":0}
{"event":"expired","tuple":["log",3],"priority":0,"returns":0}' -
clear_space

# --- Only some, so many, so long ---
tsctl watch --events put,expired -n 2 '["e", ?]' >"$scratch/some" &
watcher=$!
until_that lines "$scratch/some" 1
tsctl out '["e", 1]'
tsctl inp -q '["e", 1]'
tsctl out --ttl 1ms '["e", 2]'
wait $watcher
expect_that test $? = 0
run cat "$scratch/some"
expect 0 -
expect_that test "$(grep -o '"event":"[a-z]*"' <<<"$out")" = $'"event":"ready"\n"event":"put"\n"event":"put"'
run tsctl watch -t 20ms
expect 3 '{"event":"ready"}'
run tsctl watch -t 0
expect 3 -
tsctl out '["f", "a b", 1]' '["f", "c", 2]'
run tsctl watch --now -n 2
expect 0 -
expect_that test "$(grep -c '"event":"put"' <<<"$out")" = 2
run tsctl watch --now -n 2 -f 2,3 '["f", ...]'
expect 0 $'a b\t1\nc\t2'
run tsctl watch --now -n 1 -o json '["f", ...]'
expect 0 -
expect_that grep -q '"tuple":\["f","a b",1\]' <<<"$out"
run tsctl watch --now -n 1 -o tsv '["f", ...]'
expect 0 -
expect_that test "$(cut -f 1,2 <<<"$out")" = $'put\t["f","a b",1]'
run tsctl watch --now -n 1 -o sh '["f", ...]'
expect 0 -
expect_that test "${out%% id=*}" = "event='put' tuple='[\"f\",\"a b\",1]'"
run tsctl watch --now -n 1 -q '["f", ...]'
expect 0
run tsctl count
expect 0 2
clear_space

# --- It cannot keep up: a gap, and it begins anew ---
head -c 700000 /dev/zero >"$scratch/large"
mkfifo "$scratch/slow"
tsctl watch --now '["l", ?, ?]' >"$scratch/slow" &
watcher=$!
exec 5<"$scratch/slow"
read -r first <&5
expect_that test "$first" = '{"event":"ready"}'
for i in {1..40}; do
    tsctl out --argjson i "$i" --binfile f "$scratch/large" '["l", $i, $f]'
    tsctl inp -q '["l", ...]'
done
tsctl out '["l", 0, 0]'
sed -u 's/\(.\{60\}\).*/\1/; /"tuple":\["l",0,0\]/q' <&5 >"$scratch/gap"
exec 5<&-
kill -TERM $watcher
wait $watcher
expect_that grep -qx '{"event":"gap"}' "$scratch/gap"
expect_that test "$(sed -n '/gap/,$p' "$scratch/gap" | tail -n 1 | cut -c 1-33)" = \
    '{"event":"put","tuple":["l",0,0],'
clear_space

# --- The space goes ---
tsctl space create gone
tsctl watch -s gone >"$scratch/gone" 2>&1 &
watcher=$!
until_that lines "$scratch/gone" 1
tsctl space rm --force gone
wait $watcher
expect_that test $? = 4
expect_that grep -q '^tsctl: ' "$scratch/gone"

# --- drained: nothing stored, delayed or kept ---
run tsctl drained '["task", ...]'
expect 0
tsctl out '["task", 1]'
run tsctl drained -t 0 '["task", ...]'
expect 1
run tsctl drained -t 20ms '["task", ...]'
expect 3
run tsctl hold --finish '["task", 1]' -- tsctl drained -t 0 '["task", ...]' # not yet done
expect 1
run tsctl hold --finish '["task", 1]' -- true
expect 0
run tsctl drained -t 0 '["task", ...]'
expect 0
tsctl out '["task", 1]' '["task", 2]'
tsctl drained --progress '["task", ...]' 2>"$scratch/progress" &
waiter=$!
until_that lines "$scratch/progress" 1
tsctl inp -q '["task", 1]'
until_that lines "$scratch/progress" 2
tsctl inp -q '["task", 2]'
wait $waiter
expect_that test $? = 0
run cat "$scratch/progress"
expect 0 $'2 tuples left\n1 tuple left'
tsctl out '["task", 1]'
tsctl drained '["task", ...]' &
waiter=$!
until_that waiting 1
kill -TERM $waiter
wait $waiter
expect_that test $? = 143

# --- Wrong use ---
run tsctl watch --events put,taking
expect 2 '' "tsctl: --events: no event 'taking'
  there are put, taken, returned and expired; ready and gap always come"
run tsctl watch --events ''
expect 2 '' -
run tsctl watch -n 2..3
expect 2 '' 'tsctl: --count: watch ends after N events, so it takes N or all, not M..N'
run tsctl watch '["a"]' '["b"]'
expect 2 '' 'tsctl: watch takes one pattern, not 2'
run tsctl watch -o table
expect 2 '' -
run tsctl watch '["a", /(/]'
expect 2 '' -
expect_that test "$(sed -n '2,$p' <<<"$err")" = '  ["a", /(/]
          ^'
run tsctl drained
expect 2 '' "tsctl: drained needs a pattern
  such as tsctl drained '[\"task\", ...]'"
run tsctl drained '["a", /(/]'
expect 2 '' -
expect_that test "$(sed -n '2,$p' <<<"$err")" = '  ["a", /(/]
          ^'
