#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tsctl work: each task done once, whatever is killed; failures told once.
# shellcheck disable=SC1091,SC2016,SC2154 # check.bash sets out, err, ...; $ in single quotes is meant
set -u
. "$TSD_SOURCE/tests/lib/check.bash"
with_daemon

left() { # what is in the space, and how often it came back
    tsctl inp -n all '[...]'
}
ended() { # none of them runs
    for pid in "$@"; do
        case $(ps -o stat= -p "$pid") in '' | Z*) ;; *) return 1 ;; esac
    done
}
has_three() {
    [ "$(tsctl count '["t"]')" = 3 ]
}
waits_for_room() { # a finish waits for room
    [ "$(tsctl spaces -o json small | grep -c '"waiting":1')" = 1 ]
}
has_children() { # a process
    pgrep -P "$1" >"$scratch/children"
}
has() { # a pattern: some tuple matches
    [ "$(tsctl count "$1")" -gt 0 ]
}

# --- What CMD is given, and what becomes of what it prints ---
tsctl out '["t", "a b", {"k": 1}]'
run tsctl work --drain '["t", ?str, ?map]' -- sh -c \
    'cat; echo "$#|$1|$2|$3|$TSD_1|$TSD_2|$TSD_3|${TSD_4-none}|"' sh {} 'x{2}y' '{}{3}{a}{0}'
expect 0 '["t","a b",{"k":1}]
3|["t","a b",{"k":1}]|xa by|["t","a b",{"k":1}]{"k":1}{a}{0}|t|a b|{"k":1}|none|'
run tsctl count
expect 0 0
TSD_7=outer run tsctl -s other work --drain '[?]' -- true
expect 0
tsctl -s other out '["t"]'
TSD_7=outer run tsctl work -s other --drain '["t"]' -- \
    sh -c 'echo "$TSD_SOCKET $TSD_SPACE ${TSD_7-gone}"; tsctl out "[\"sub\"]"'
expect 0 "$TSD_SOCKET other gone"
run tsctl -s other inp '[...]'
expect 0 '["sub"]'

# nothing of tsctl's is open in it, and the signals are as they were
run ls /proc/self/fd
open=$out
run grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status
signals=$out
tsctl out '["t"]' '["t"]'
run tsctl work -n 1 '["t"]' -- ls /proc/self/fd
expect 0 "$open"
run tsctl work -n 1 '["t"]' -- grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status
expect 0 "$signals"

# a tuple longer than a word or a pipe may be
head -c 3000000 /dev/zero | tr '\0' x >"$scratch/long"
tsctl out --rawfile text "$scratch/long" '["long", $text]'
run tsctl work -n 1 '["long", ?]' -- sh -c 'echo "${TSD_2-unset}"; wc -c'
expect 0 $'unset\n3000012'

# grouped by task, whole, in any order; with the task before each line
for i in 1 2 3 4; do tsctl out --argjson i $i '["t", $i]'; done
run tsctl work -j4 --tag --drain '["t", ?int]' -- sh -c '
    echo "first {2}"; tsctl out "[\"here\"]"; tsctl rd -q -n 4..4 "[\"here\"]"; printf "second {2}"
    echo "error {2}" >&2'
expect 0 - -
expect_that test "$(tsctl inp -q -n all '["here"]'; grep -c . <<<"$out")" = 8
for i in 1 2 3 4; do
    expect_that grep -qx "\[\"t\",$i\]"$'\t'"error $i" <<<"$err"
    wanted="[\"t\",$i]"$'\t'"first $i"$'\n'"[\"t\",$i]"$'\t'"second $i"
    expect_that test "$(grep -A1 "first $i" <<<"$out")" = "$wanted"
done
tsctl out '["t"]'
run tsctl work -q -n 1 '["t"]' -- echo quiet
expect 0

# --- Results ---
tsctl out '["t", 5, "a"]'
run tsctl work -n 1 --put --result '["done", $TSD_2, $who]' --arg who me '["t", ?, ?]' -- \
    printf '["r", %s]\n["r", "%s"]\n' '{2}' '{3}'
expect 0
run left
expect 0 $'["r",5]\n["r","a"]\n["done",5,"me"]'
tsctl out '["t"]'
run tsctl work -n 1 --result '["said", $output]' '["t"]' -- printf '12\n\n'
expect 0
run left
expect 0 '["said","12"]'
tsctl out '["t"]'
run tsctl work -n 1 --put -i json '["t"]' -- echo '[{"$bin":"aGk="}]'
expect 0
run left
expect 0 '[b"aGk="]'
tsctl out '["t"]'
run tsctl work -n 1 --put '["t"]' -- printf '["r"]\n[2\n'
expect 6 '' -
expect_that grep -q '^tsctl: work: \["t"\]: exit 0, line 2 of what it printed: ' <<<"$err"
run tsctl inp -f 1,3,4 '["error", ...]'
expect 0 $'error\texit\t0'
run left
expect 0 '["t"]'

# --- Failures ---
tsctl out '["t", 1]'
run tsctl work -n 1 '["t", ?]' -- sh -c 'echo said; echo "no such thing" >&2; exit 3'
expect 6 said 'no such thing
tsctl: work: ["t",1]: exit 3; given back'
run tsctl inp -o json '["error", "sh -c echo said; echo \"no such thing\" >&2; exit 3", "exit", 3, ?str]'
expect 0 -
expect_that grep -q '"\[\\"t\\",1\]\\nexit 3, after [0-9.]* s, peak memory [0-9.]* MiB\\nno such thing\\n"\]$' <<<"$out"
run tsctl work -n 1 '["t", ?]' -- sh -c 'kill -SEGV $$'
expect 6 '' 'tsctl: work: ["t",1]: SIGSEGV (signal 11); given back'
run tsctl inp -f 3..5 '["error", ...]'
expect 0 -
expect_that grep -q $'^signal\t11\t\["t",1\]$' <<<"$out"
expect_that grep -q '^it had come back 1 time before$' <<<"$out"
run tsctl work -n 1 '["t", ?]' -- sh -c 'echo later; exit 75' # not a failure, not counted
expect 0 later
run tsctl work -n 1 --log "$scratch/log" '["t", ?]' -- true
expect 0
run cut -f 4-7,9 "$scratch/log"
expect 0 $'returns\toutcome\texit\tsignal\ttask\n2\tdone\t0\t\t["t",1]'
run left
expect 1
tsctl out '["t"]'
run tsctl work -n 1 '["t"]' -- echo '{2}'
expect 6 '' - # there is no such field
expect_that grep -q 'there is no field {2} in \["t"\]' <<<"$err"
clear_space

# a task that fails once and is then done; each failure is told once
tsctl out '["t", 1]' '["t", 2]' '["t", 3]'
run tsctl work -j2 --drain '["t", ?]' -- sh -c 'tsctl inp -q "[\"tried\", {2}]" ||
    { tsctl out "[\"tried\", {2}]"; exit 1; }; echo {2}'
expect 6 - -
expect_that test "$(sort <<<"$out")" = $'1\n2\n3'
run tsctl count '["error", ...]'
expect 0 3
clear_space

# --- Given up ---
tsctl out '["t"]'
run tsctl work --drain --max-returns 2 --log "$scratch/given" '["t"]' -- sh -c 'echo try; exit 9'
expect 6 $'try\ntry\ntry' -
run cut -f 4-6 "$scratch/given"
expect 0 $'returns\toutcome\texit\n0\tfailed\t9\n1\tfailed\t9\n2\tgiven-up\t9'
run tsctl inp -n all -f 3,4 '["error", ...]'
expect 0 $'exit\t9\nexit\t9\nexit\t9'
run left
expect 1
tsctl out '["t"]'
tsctl work -n 2 '["t"]' -- false 2>/dev/null # it came back twice
run tsctl work --drain --max-returns 1 '["t"]' -- echo tried
expect 6 '' -
run tsctl inp -n all -f 3,4 '["error", ...]'
expect 0 $'exit\t1\nexit\t1\nlost\tnull'
run left
expect 1

# --- A space without room ---
tsctl space create --capacity 2 small
export TSD_SPACE=small
tsctl out '["t"]' '["t"]'
run tsctl work -n 1 --result '["r"]' '["t"]' -- true # room for one is where the task was
expect 0
tsctl work -n 1 --put '["t"]' -- printf '["r"]\n["r"]\n' & # two need one more
until_that waits_for_room
tsctl inp -q '["r"]'
wait $!
expect_that test $? = 0
run left
expect 0 $'["r"]\n["r"]'
tsctl space rm small
unset TSD_SPACE

# --- An end before the end ---
tsctl out '["t", 1]' '["t", 2]' '["t", 3]'
run tsctl work --halt soon,fail=2 '["t", ?]' -- false
expect 6 '' -
run tsctl count '["error", ...]'
expect 0 2
run tsctl count '["t", ?]'
expect 0 3
clear_space
tsctl out '["t"]' # what has come back is not taken once more
run tsctl work -j2 --halt soon --log "$scratch/soon" '["t"]' -- false
expect 6 '' -
run cut -f 4,5 "$scratch/soon"
expect 0 $'returns\toutcome\n0\tfailed'
clear_space
tsctl out '["t", 1]' '["t", 2]' # both run; one fails, the other is ended
run tsctl work -j2 --halt now '["t", ?]' -- sh -c 'tsctl out "[\"here\"]"
    tsctl rd -q -n 2..2 "[\"here\"]"; [ {2} = 1 ] && exit 1; exec tsctl in "[\"never\"]"'
expect 6 '' -
run tsctl inp -n all -f 3,4 '["error", ...]'
expect 0 $'exit\t1'
run tsctl work -n 2 -q --log "$scratch/now" '["t", ?]' -- true
expect 0
run cut -f 4,9 "$scratch/now"
expect 0 $'returns\ttask\n1\t["t",1]\n0\t["t",2]'
clear_space
tsctl out '["t"]'
run tsctl work -n 1 -t 0.05 '["t"]' -- tsctl in '["never"]'
expect 6 '' -
expect_that grep -q ': SIGTERM (signal 15), over its time; given back$' <<<"$err"
run tsctl work -n 1 -t 0.05 '["t"]' -- sh -c 'trap "echo saved; exit 0" TERM; tsctl in "[1]" & wait'
expect 0 saved
clear_space

# --- What CMD leaves behind goes with it ---
tsctl out '["t"]'
run tsctl work -n 1 '["t"]' -- sh -c 'tsctl in "[\"never\"]" >/dev/null 2>&1 & echo $!'
expect 0 -
until_that ended "$out"

# --- Signals ---
cat >"$scratch/wait" <<'END'
echo $$ >"$1.new" && mv "$1.new" "$1"
tsctl in '["go"]' >/dev/null && echo went
END
start() { # options of work -> $tsctl, $command
    rm -f "$scratch/pid"
    tsctl work "$@" '["t"]' -- bash "$scratch/wait" "$scratch/pid" \
        >"$scratch/out" 2>"$scratch/err" &
    tsctl=$!
    until_that test -e "$scratch/pid"
    command=$(cat "$scratch/pid")
}
start_waits() { # the same, and waits until its child waits
    start "$@"
    until_that has_children "$command"
    child=$(pgrep -P "$command")
}

tsctl out '["t"]' '["t"]'
start
kill -TERM $tsctl # it finishes what it has
tsctl out '["go"]'
wait $tsctl
expect_that test $? = 143
expect_that test "$(cat "$scratch/out")" = went
run tsctl inp -n all '["t"]'
expect 0 '["t"]'

tsctl out '["t"]'
start_waits
kill -INT $tsctl # ignored in the background, and so it is here
kill -HUP $tsctl
kill -TERM $tsctl # and now it does not
wait $tsctl
expect_that test $? = 129
until_that ended "$command" "$child"
run tsctl work -n 1 --log "$scratch/uncounted" '["t"]' -- true
expect 0
expect_that test "$(sed -n 2p "$scratch/uncounted" | cut -f 4,5)" = $'0\tdone'
run tsctl count '["error", ...]'
expect 0 0

# --- Killed ---
tsctl out '["t"]'
start_waits --drain
kill -KILL "$command" # a failure like any other; the child goes, too
until_that ended "$command" "$child"
until_that has '["error", ?, "signal", 9, ?]'
tsctl out '["go"]'
wait $tsctl
expect_that test $? = 6
expect_that test "$(cat "$scratch/out")" = went
run tsctl inp -n all -f 3,4 '["error", ...]'
expect 0 $'signal\t9'

tsctl out '["t"]'
start_waits --drain
kill -KILL $tsctl # nobody goes on doing what is somebody else's now
{ wait $tsctl; } 2>/dev/null
until_that ended "$command" "$child"
until_that has '["t"]'
run tsctl inp -n all -f 3,4 '["error", ...]'
expect 0 $'lost\tnull'
run tsctl work -n 1 --log "$scratch/back" '["t"]' -- true
expect 0
expect_that test "$(sed -n 2p "$scratch/back" | cut -f 4,5)" = $'1\tdone'

cat >"$scratch/daemon" <<'END'
tsctl out '["t"]'
tsctl work '["t"]' -- sh -c 'echo $$ >"$0.new"; mv "$0.new" "$0"; exec tsctl in "[\"never\"]"' "$1" &
until env test -e "$1"; do :; done
kill -KILL "$(pgrep -f "^tsd --socket $TSD_SOCKET ")"
wait $!
END
rm -f "$scratch/pid"
run tsctl run -- bash "$scratch/daemon" "$scratch/pid"
expect 5 - -
until_that ended "$(cat "$scratch/pid")"

# nobody reads: quietly, and what was not written is somebody else's
tsctl out '["t"]' '["t"]' '["t"]'
tsctl work --log "$scratch/pipe" '["t"]' -- seq 100000 2>"$scratch/err" | head -n 1 >/dev/null
expect_that test "${PIPESTATUS[0]}" = 141
expect_that test ! -s "$scratch/err"
until_that has_three
clear_space

# somebody reads, but not now: the second signal ends it all the same
mkfifo "$scratch/fifo"
exec 9<>"$scratch/fifo"
tsctl out '["t"]'
tsctl work '["t"]' -- sh -c 'echo >"$0"; seq 100000' "$scratch/printing" >&9 &
tsctl=$!
until_that test -e "$scratch/printing"
kill -HUP $tsctl
kill -TERM $tsctl
wait $tsctl
expect_that test $? = 129
exec 9>&-
run tsctl work -n 1 --log "$scratch/unread" '["t"]' -- true
expect 0
expect_that test "$(sed -n 2p "$scratch/unread" | cut -f 4,5)" = $'0\tdone'

# --- Wrong use ---
run tsctl work '["t"]'
expect 2 '' -
run tsctl work '["t"]' -- "$scratch/none"
expect 127 '' "tsctl: work: cannot run $scratch/none: No such file or directory"
run tsctl work '["t"]' -- "$scratch"/out
expect 126 '' "tsctl: work: cannot run $scratch/out: Permission denied"
run tsctl work '["t"' -- true
expect 2 '' -
run tsctl work '[/(/]' -- true
expect 2 '' -
run tsctl work -n 2..3 '["t"]' -- true
expect 2 '' -
run tsctl work --result '[$TSD_0]' '["t"]' -- true
expect 2 '' -
run tsctl work --halt never '["t"]' -- true
expect 2 '' -
run tsctl work --log "$scratch/none/log" '["t"]' -- true
expect 2 '' "tsctl: --log: cannot open $scratch/none/log: No such file or directory"
TSD_SOCKET=$scratch/none run tsctl work '["t"]' -- true
expect 5 '' -

# --- The words of a folder, while workers and the pool itself are killed ---
mkdir "$scratch/files"
cp "$TSD_SOURCE"/client/*.[ch] "$TSD_SOURCE"/man/*.[1-8] "$scratch/files"
for i in {1..300}; do echo "one of many files, number $i" >"$scratch/files/a name with blanks $i"; done
total=$(cat "$scratch/files"/* | wc -w)
files=("$scratch/files"/*)
printf '%s\0' "${files[@]}" | tsctl out -0 --each '["file", $line]' -
pool() { # [exec]: the words of each file, once
    "$@" tsctl work -j4 --drain --put '["file", ?str]' -- sh -c '
        echo $$ >>"$0"; printf "[\"words\", %d, \"%s\"]\n" "$(wc -w <"$TSD_2")" "$TSD_2"' \
        "$scratch/workers"
}
: >"$scratch/workers"
begun() { # so many workers began, or nothing is left to do
    [ "$(wc -l <"$scratch/workers")" -ge "$1" ] || ended $tsctl
}
kill_one() { # the worker that began last, if it is still there
    kill -KILL "$(tail -n 1 "$scratch/workers")" 2>/dev/null
}
killed=0
for round in 1 2 3 4 5; do
    before=$(wc -l <"$scratch/workers")
    pool exec 2>/dev/null &
    tsctl=$!
    until_that begun $((before + round))
    kill_one
    until_that begun $((before + 2 * round))
    kill_one
    kill -KILL $tsctl && killed=$((killed + 1))
    wait $tsctl 2>/dev/null
done 2>/dev/null
expect_that test $killed -ge 3
run pool
expect_that test "$status" = 0 -o "$status" = 6
run tsctl count '["words", ?int, ?str]'
expect 0 ${#files[@]}
run tsctl scan -f 3 '["words", ?int, ?str]'
expect_that test "$(sort -u <<<"$out" | wc -l)" = ${#files[@]}
run tsctl scan -f 2 '["words", ?int, ?str]'
expect_that test "$(awk '{ n += $1 } END { print n }' <<<"$out")" = "$total"

# each worker that began either put its words or was told as failed, once; some may be told that were
# killed before they began
workers=$(wc -l <"$scratch/workers") errors=$(tsctl count '["error", ...]')
expect_that test "$errors" -ge $((workers - ${#files[@]}))
expect_that test "$errors" -le $((workers - ${#files[@]} + 4 * killed))
