#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tsctl out: tuples from the command line, from names, from standard input.
# shellcheck disable=SC1091,SC2016,SC2154 # check.bash sets out, err, ...; $ in single quotes is meant
set -u
. "$TSD_SOURCE/tests/lib/check.bash"
with_daemon

waits() { # somebody waits in the space main
    [ "$(tsctl spaces -f 4 main)" -gt 0 ]
}

# --- Words ---
run tsctl out '["task", 1]'
expect 0
run tsctl scan
expect 0 '["task",1]'
clear_space
run tsctl out '[1]' '[2]' '[3]'
expect 0
run tsctl scan
expect 0 $'[1]\n[2]\n[3]'
clear_space
run tsctl out --ids '[1]' '[2]'
expect 0 -
expect_that test "$(($(sed -n 1p <<<"$out") + 1))" = "$(sed -n 2p <<<"$out")"
run tsctl out --ids -o json '[3]'
expect 0 -
expect_that test "${out:0:1}${out: -1}" = '""'
clear_space
run tsctl out --priority -5 '["low"]'
expect 0
run tsctl out '["middle"]'
expect 0
run tsctl --socket "$TSD_SOCKET" out --priority=5 '["high"]'
expect 0
run tsctl scan
expect 0 $'["high"]\n["middle"]\n["low"]'
clear_space
run tsctl out -- '[1]'
expect 0
run tsctl -- out '[2]'
expect 0
run tsctl out '[3]' -q -s main
expect 0
run tsctl count
expect 0 3
clear_space

# --- For a time, later, for those who wait, for as long as tsctl runs, once ---
tsctl out --ttl 1ms '["t"]'
run tsctl out --ttl 1 --delay 2500ms '["t"]'
expect 2 '' 'tsctl: option ttl: 1 s is not more than the delay, 2.5 s'
run tsctl drained -t 60 '["t"]'
expect 0
tsctl out --delay 1h --ttl 2h '["d"]'
run tsctl count
expect 0 0
run tsctl count --state
expect 0 1
tsctl out --delay 10ms '["soon"]'
run tsctl in -t 60 '["soon"]'
expect 0 '["soon"]'
run tsctl out --ttl 1m --delay 1m '["t"]'
expect 2 '' -
run tsctl out --pulse '["p"]'
expect 0
run tsctl count '["p"]'
expect 0 0
tsctl rd '["p"]' >"$scratch/pulse" &
reader=$!
until_that waits
tsctl out --pulse '["p"]'
wait $reader
run cat "$scratch/pulse"
expect 0 '["p"]'
run tsctl out --pulse --ttl 5 '["p"]'
expect 2 '' -
mkfifo "$scratch/input"
tsctl out --bound - <"$scratch/input" &
putter=$!
exec 5>"$scratch/input"
echo '["here"]' >&5
run tsctl rd '["here"]'
expect 0 '["here"]'
exec 5>&-
wait $putter
run tsctl count
expect 0 0
run tsctl out --key k --ids '[1]' '[2]'
expect 0 -
same=$out
run tsctl out --key k --ids '[3]' '[4]'
expect 0 "$same"
run bash -c 'echo "[5]" | tsctl out --atomic --key k -'
expect 0
run tsctl out --key other --window 1h '[5]'
expect 0
run tsctl out --key "$(printf '%0256d' 0)" '[5]'
expect 4 '' -
run tsctl scan
expect 0 $'[1]\n[2]\n[5]'
run tsctl out -t 5 '[6]' # there is room
expect 0
clear_space

# --- Spaces ---
run tsctl -s a out '[1]'
expect 0
run env TSD_SPACE=b tsctl out '[2]'
expect 0
run env TSD_SPACE=b tsctl out -s a '[3]'
expect 0
run tsctl scan -s a
expect 0 $'[1]\n[3]'
run tsctl scan -s b
expect 0 '[2]'
run tsctl scan
expect 1
tsctl inp -q -n all -s a '[...]'
tsctl inp -q -s b '[...]'

# --- Names ---
name="it's \"odd\" \$x ["
run tsctl out --arg f "$name" '["task", 1, $f]'
expect 0
run tsctl inp -f 3 '["task", 1, ?str]'
expect 0 "$name"
run tsctl out --argjson a '{"k": [1, b"aGk="]}' --arg b 5 '[$a, {"v": $b}, $b]'
expect 0
run tsctl inp '[...]'
expect 0 '[{"k":[1,b"aGk="]},{"v":"5"},"5"]'
printf 'two\nlines\n' >"$scratch/text"
run tsctl out --rawfile f "$scratch/text" '[$f]'
expect 0
run tsctl inp '[?]'
expect 0 '["two\nlines\n"]'
printf '\xff\0' >"$scratch/bytes"
run tsctl out --binfile f "$scratch/bytes" '[$f]'
expect 0
run tsctl out --binfile f - '[$f]' <"$scratch/bytes"
expect 0
run tsctl inp -n all '[?bin]'
expect 0 $'[b"/wA="]\n[b"/wA="]'
run tsctl out --arg f first --arg f second '[$f]'
expect 0
run tsctl in --arg f second '[$f]' # in patterns too
expect 0 '["second"]'

# --- The forms of input ---
run tsctl out -i json '[{"$bin": "aGk="}, {"$$bin": 1}, {"$float": "inf"}]'
expect 0
run tsctl inp '[...]'
expect 0 '[b"aGk=",{"$bin":1},inf]'

# --- Standard input ---
run tsctl out - <<<$'[1]\n\n  [2] \n[3]'
expect 0
run tsctl scan
expect 0 $'[1]\n[2]\n[3]'
clear_space
run tsctl out -q - < <(printf '[1]\n[2]') # the last line without an end
expect 0
run tsctl count
expect 0 2
clear_space
run tsctl out -0 - < <(printf '["a\\n"]\0\n["b"]\0')
expect 0
run tsctl scan -0
expect 0 '["a\n"]~["b"]~'
clear_space
run tsctl out -i raw - < <(printf '\x92\x01\xa1a\x91\xc4\x01\xff')
expect 0
run tsctl scan
expect 0 $'[1,"a"]\n[b"/w=="]'
run tsctl scan -o raw
printf '\x92\x01\xa1a\x91\xc4\x01\xff' >"$scratch/raw"
expect_that cmp "$scratch/raw" "$scratch/out"
clear_space
run tsctl out -i json - <<<'[{"$bin":"aGk="}]'
expect 0
run tsctl inp '[?bin]'
expect 0 '[b"aGk="]'
run tsctl out - <<<'' # nothing is not an error
expect 0
run tsctl out --arg who me --each '["log", $who, $line]' - <<<$'one\n\ntwo "2"'
expect 0
run tsctl scan
expect 0 $'["log","me","one"]\n["log","me",""]\n["log","me","two \\"2\\""]'
clear_space
run tsctl out -0 --each '["file", $line]' - < <(printf 'a b\nc\0d\0')
expect 0
run tsctl scan -f 2 -0
expect 0 $'a b\nc~d~'
clear_space
run tsctl out --ids - <<<$'[1]\n[2]'
expect 0 -
expect_that test "$(wc -l <<<"$out")" = 2
clear_space
run tsctl out --priority 3 - <<<'["high"]'
expect 0
tsctl out '["none"]'
run tsctl inp -n all '[?]'
expect 0 $'["high"]\n["none"]'

# --- Batches: 1,024 tuples, each batch a unit ---
seq -f '["n", %g]' 3000 >"$scratch/many"
run tsctl out - <"$scratch/many"
expect 0
run tsctl count
expect 0 3000
run tsctl scan -n 1 --reverse
expect 0 '["n",3000]'
run tsctl inp -n all -f 2 '[...]'
expect 0 "$(seq 3000)"
sed 's/1500\]/1500 x]/' "$scratch/many" >"$scratch/bad"
run tsctl out - <"$scratch/bad"
expect 2 '' -
expect_that test "$(head -n 1 <<<"$err")" = 'tsctl: line 1500: unknown word x: a str stands in double quotes, "x"'
expect_that test "$(sed -n 2,3p <<<"$err")" = $'  ["n", 1500 x]\n             ^'
expect_that test "$(sed -n 4p <<<"$err")" = '  1,024 tuples went in, up to line 1024'
run tsctl count
expect 0 1024
clear_space
run tsctl out --atomic - <"$scratch/bad"
expect 2 '' -
expect_that test "$(tail -n 1 <<<"$err")" = '  nothing went in'
run tsctl count
expect 0 0
run tsctl out --atomic - <"$scratch/many"
expect 0
clear_space
run tsctl out --atomic - < <(yes '[1]' | head -n 16385)
expect 4 '' 'tsctl: line 16385: a unit has at most 16384 tuples
  nothing went in; without --atomic batches of 1024 are put'
run tsctl count
expect 0 0
printf '["%0700000d"]\n' 1 2 3 >"$scratch/large" # two of them are more than a MiB
run tsctl out - < <(cat "$scratch/large" && echo '[')
expect 2 '' -
expect_that test "$(tail -n 1 <<<"$err")" = '  2 tuples went in, up to line 2'
run tsctl inp -q -n all '[?]'
expect 0
run tsctl out - < <(head -n 1 "$scratch/large" && printf '["%0700000d"]\n[\n' 2)
expect 2 '' -
expect_that test "$(tail -n 1 <<<"$err")" = '  1 tuple went in, up to line 1'
run tsctl inp -q -n all '[?]'
expect 0
run tsctl out --each '["f", $line]' - < <(printf 'a\n\xff\n')
expect 2 '' 'tsctl: line 2: $line is not valid UTF-8, so it cannot be a str
  ["f", $line]
        ^
  nothing went in'
run tsctl out -i raw - < <(printf '\x91\x01\xc1')
expect 2 '' -
expect_that test "${err:0:16}" = 'tsctl: tuple 2: '
run tsctl out -i raw - < <(printf '\x91\x01\x92\x01') # cut off
expect 2 '' -
expect_that test "${err:0:16}" = 'tsctl: tuple 2: '
run tsctl out -0 - < <(printf '[1]\0[2\0')
expect 2 '' -
expect_that test "${err:0:17}" = 'tsctl: record 2: '
run tsctl count
expect 0 0

# --- What is there goes in though the writer pauses ---
mkfifo "$scratch/slow"
tsctl out - <"$scratch/slow" &
exec 3>"$scratch/slow"
echo '["early"]' >&3
run tsctl in '["early"]'
expect 0 '["early"]'
exec 3>&-
wait $!
expect_that test $? = 0

# --- A signal ends it between two batches, and how much went in is said ---
interrupted() { # signal, what is said
    tsctl out "${@:3}" - <"$scratch/slow" 2>"$scratch/said" &
    local out=$!
    exec 3>"$scratch/slow"
    printf '[%d]\n' 1 2 3 >&3
    [ -n "${3-}" ] || until_that test_count 3
    [ -z "${3-}" ] || until_that catches $out
    kill -"$1" $out
    wait $out 2>/dev/null
    expect_that test $? = $((128 + $(kill -l "$1")))
    exec 3>&-
    run cat "$scratch/said"
    expect 0 "tsctl: interrupted
  $2"
    tsctl inp -q -n all '[...]'
}
test_count() { [ "$(tsctl count)" = "$1" ]; }
catches() { # it has got so far that it catches SIGTERM
    (((0x$(sed -n 's/^SigCgt:\s*//p' "/proc/$1/status") >> 14) & 1))
}
interrupted TERM '3 tuples went in, up to line 3'
interrupted HUP '3 tuples went in, up to line 3'
interrupted TERM 'nothing went in' --atomic

# --- A limit refuses ---
head -c 12M /dev/zero >"$scratch/zeroes"
run tsctl out --binfile a "$scratch/zeroes" '[$a, $a]' # more than a tuple may have
expect 2 '' -
run tsctl out --binfile a "$scratch/zeroes" '[$a]' '[$a]' # more than a unit may have
expect 4 '' -
expect_that test "${err:0:7}" = 'tsctl: '
run tsctl count
expect 0 0
