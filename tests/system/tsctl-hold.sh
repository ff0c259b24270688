#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tsctl hold, finish, release, renew, holds.
# shellcheck disable=SC1091,SC2016,SC2154 # check.bash sets out, err, ...; $ in single quotes is meant
set -u
. "$TSD_SOURCE/tests/lib/check.bash"
with_daemon

returns() { # what scan tells of the tuple that is there
    tsctl scan --state | sed -n 's/.*"returns":\([0-9]*\).*/\1/p'
}
held() { # so many tuples are kept
    [ "$(tsctl spaces -f 5 main)" = "$1" ]
}

# --- While a command runs; then it is back, not counted ---
tsctl out '["disk", 1, "a b"]'
run tsctl hold '["disk", ...]' -- tsctl count
expect 0 0
run tsctl count
expect 0 1
expect_that test "$(returns)" = 0
run tsctl hold '["disk", ?, ?]' -- echo '{}' '{1}-{2}' '{3}' '{0}' '{x}'
expect 0 '["disk",1,"a b"] disk-1 a b {0} {x}'
run tsctl hold '["disk", ?, ?]' -- sh -c 'echo "$TSD_1/$TSD_2/$TSD_3/${TSD_4-none}"'
expect 0 'disk/1/a b/none'
run tsctl -S "$TSD_SOCKET" hold '["disk", ?, ?]' -- env -u NOTHING sh -c 'echo "$TSD_SOCKET"'
expect 0 "$TSD_SOCKET"
run bash -c 'echo in | tsctl hold "[\"disk\", ...]" -- cat' # its input is tsctl's own
expect 0 in

# --- Its status is the command's ---
run tsctl hold '["disk", ...]' -- sh -c 'exit 7'
expect 7
run tsctl hold '["disk", ...]' -- sh -c 'kill -KILL $$'
expect 137
run tsctl hold '["disk", ...]' -- "$scratch/none"
expect 127 '' -
run tsctl hold '["disk", ...]' -- /
expect 126 '' -
run tsctl hold '["disk", ...]' -- echo '{4}'
expect 125 '' 'tsctl: hold: there is no field {4} in ["disk",1,"a b"]'
run tsctl hold -t 20ms '["none"]' -- true
expect 124
run tsctl hold -t 0 '["none"]' -- true
expect 124
run tsctl -S "$scratch/none" hold '["disk", ...]' -- true
expect 125 '' -
run tsctl hold '["a", /(/]' -- true
expect 2 '' -
expect_that test "$(sed -n '2,$p' <<<"$err")" = '  ["a", /(/]
          ^'
expect_that test "$(returns)" = 0

# --- --finish: consumed where the command succeeds, else back, with its status ---
run tsctl hold --finish '["disk", ...]' -- sh -c 'exit 3'
expect 3
run tsctl scan --state
expect 0 -
expect_that grep -q '"returns":1,"reason":"released","exit":3}$' <<<"$out"
run tsctl hold --finish '["disk", ...]' -- sh -c 'kill -TERM $$'
expect 143
expect_that grep -q '"returns":2,"reason":"released","signal":15}$' <<<"$(tsctl scan --state)"
run tsctl hold --finish '["disk", ...]' -- "$scratch/none"
expect 127 '' -
run tsctl hold --finish '["disk", ...]' -- true
expect 0
run tsctl count --state
expect 0 0

# --- A lock and a semaphore ---
tsctl out '["lock"]'
: >"$scratch/log"
for _ in 1 2 3 4; do
    tsctl hold '["lock"]' -- sh -c 'echo in; echo out' >>"$scratch/log" &
done
wait
run cat "$scratch/log"
expect 0 $'in\nout\nin\nout\nin\nout\nin\nout'
run tsctl hold '["lock"]' -- tsctl hold -t 20ms '["lock"]' -- true
expect 124

# --- Who holds it, and who put it ---
run sh -c 'tsctl hold "[\"lock\"]" -- tsctl holds -o json & echo $!; wait'
expect 0 -
pid=$(head -n 1 <<<"$out")
expect_that grep -q '^{"state":"held","held-by":"tsctl","held-pid":'"$pid"',' <<<"$out"
expect_that test "$(grep -c "put-pid\":$pid," <<<"$out")" = 0
run sh -c 'tsctl hold "[\"lock\"]" -- tsctl scan --state & echo $!; wait'
expect 0 -
expect_that grep -q '"held-by":"tsctl","held-pid":'"$(head -n 1 <<<"$out")"',' <<<"$out"

# --- Killed: so is the command, whatever it ignores, with all that it has started; then the next ---
mkfifo "$scratch/alive"
tsctl hold '["lock"]' -- sh -c 'trap "" TERM
    setsid sh -c "echo \$\$; exec sleep 1000" &
    (sleep 1000 & echo $!) # which nobody waits for
    echo $$; wait' >"$scratch/alive" &
holder=$!
exec 5<"$scratch/alive"
read -r one <&5 && read -r two <&5 && read -r three <&5
run tsctl count
expect 0 0
kill -KILL $holder
{ wait $holder; } 2>"$scratch/killed" # what bash says of it
run tsctl hold -t 60 '["lock"]' -- sh -c 'for pid; do kill -0 "$pid" 2>&-; echo $?; done' \
    sh "$one" "$two" "$three"
expect 0 $'1\n1\n1'
exec 5<&-

# --- What sees to that is killed: the command, too; what it leaves behind by itself is not ---
run tsctl hold '["lock"]' -- sh -c 'trap "kill -KILL $PPID; exec sleep 1000" TERM
    kill -TERM "$(ps -o ppid= -p $PPID)" # tsctl, which passes it on when it has begun to wait
    for i in $(seq 2000); do sleep 0.01; done'
expect 137 '' 'tsctl: hold: what minds the command was killed: so is the command'
run tsctl hold -t 60 '["lock"]' -- sh -c 'sleep 1000 & echo $!'
expect 0 -
expect_that kill -KILL "$out"
run tsctl in -t 60 '["lock"]'
expect 0 '["lock"]'

# --- A signal goes on to the command, whose end ends tsctl; the tuple is back before that ---
tsctl out '["lock"]'
tsctl hold '["lock"]' -- sh -c 'trap "exit 9" TERM; echo up; for i in $(seq 2000); do sleep 0.01; done' \
    >"$scratch/alive" &
holder=$!
exec 5<"$scratch/alive"
read -r up <&5
expect_that test "$up" = up
kill -TERM $holder
wait $holder
expect_that test $? = 9
run tsctl inp '["lock"]'
expect 0 '["lock"]'
exec 5<&-

# --- The daemon dies: the command gets a SIGTERM ---
cat >"$scratch/lost" <<'END'
tsctl out '["lock"]'
tsctl hold '["lock"]' -- sh -c 'trap "echo terminated; exit 0" TERM
    kill -KILL "$(pgrep -f "^tsd --socket $TSD_SOCKET ")"; for i in $(seq 2000); do sleep 0.01; done'
echo $?
END
run env -u TSD_SOCKET tsctl run -- bash "$scratch/lost"
expect 0 $'terminated\n125' -
expect_that grep -q '^tsctl: hold: the tuple is held no longer, the command gets a SIGTERM: ' <<<"$err"

# --- Detached: by its token ---
tsctl out --priority 3 '["task", 1]'
run tsctl hold --for 1m '["task", ?int]'
expect 0 -
expect_that grep -Eqx '\{"token":"[0-9a-f]{32}","tuple":\["task",1\]\}' <<<"$out"
token=${out#*:\"} token=${token%%\"*}
run tsctl hold --for 1m -t 20ms '["task", ?int]'
expect 3
run tsctl hold --for 1m -t 0 '["task", ?int]'
expect 1
run tsctl holds
expect 0 -
expect_that grep -Eq '^STATE +HELD-BY +HELD-PID +LEFT +AGE +PUT-BY +PUT-PID +TUPLE$' <<<"$out"
expect_that grep -Eq '^held +- +- +[0-9]+s +[0-9.]+s +tsctl +[0-9]+  \["task",1\]$' <<<"$out"
run tsctl holds -o json '["task", 1]'
expect 0 -
expect_that grep -Eqx '\{"state":"held","held-by":null,"held-pid":null,"left":[0-9.]+,"returns":0,"age":[0-9.e-]+,"put-by":"tsctl","put-pid":[0-9]+,"tuple":\["task",1\]\}' <<<"$out"
run tsctl holds '["none"]'
expect 1
run tsctl renew --for 10m "$token"
expect 0
expect_that test "$(tsctl holds -f 4)" \> 500
run tsctl finish "$token" '["done", 1]' '["log", "x"]'
expect 0
run tsctl scan
expect 0 $'["done",1]\n["log","x"]'
for late in "finish $token [1]" "release $token" "renew --for 1 $token"; do
    # shellcheck disable=SC2086 # words
    run tsctl $late
    expect 4 '' -
    expect_that test "${err:0:7}" = 'tsctl: '
done
run tsctl count
expect 0 2
clear_space

# --- Released: back, counted; also later, and several, all or none ---
tsctl out '["task", 1]' '["task", 2]'
eval "$(tsctl hold --for 1m -o sh '["task", ?int]')"
one=$token
expect_that test "$tuple" = '["task",1]'
two=$(tsctl hold --for 1m -o tsv '["task", ?int]' | cut -f1)
digit=$(tr 0-9a-f 1-9a-f0 <<<"${two: -1}") # another one
run tsctl release "$one" "${two%?}$digit"
expect 4 '' -
held 2 || fail 'none was released'
run tsctl release "$two" "$one"
expect 0
run tsctl scan --state -o tsv
expect 0 -
expect_that test "$(cut -f 1,6,9 <<<"$out")" = $'stored\t["task",1]\t1\nstored\t["task",2]\t1'
one=$(tsctl hold --for 1m -o tsv '["task", ?int]' | cut -f1)
run tsctl release --delay 1h "$one"
expect 0
run tsctl count
expect 0 1
run tsctl count --state
expect 0 2
run tsctl holds
expect 1
run tsctl scan --state -f 2
expect 0 $'1\n2'
tsctl inp -q '["task", 2]'

# --- Its time is over: back by itself ---
tsctl out '["short"]'
token=$(tsctl hold --for 10ms -o tsv '["short"]' | cut -f1)
run tsctl in -t 60 '["short"]'
expect 0 '["short"]'
run tsctl finish "$token"
expect 4 '' -

# --- Results from standard input: one unit, or nothing ---
tsctl out '["t"]'
token=$(tsctl hold --for 1m -o tsv '["t"]' | cut -f1)
run bash -c 'printf "[1]\n[2\n" | tsctl finish "$1" -' - "$token"
expect 2 '' 'tsctl: line 2: the text ends before the ] of the tuple
  [2
    ^
  nothing was done'
run bash -c 'printf "[1]\n\n[2]\n" | tsctl finish "$1" -' - "$token"
expect 0
run tsctl inp -n all '[?int]'
expect 0 $'[1]\n[2]'

# --- What cannot be printed is given back ---
tsctl out '["t"]'
run bash -c 'tsctl hold --for 1h "[\"t\"]" >/dev/full'
expect 6 '' 'tsctl: cannot write to standard output: No space left on device'
expect_that test "$(tsctl scan --state '["t"]' -o tsv | cut -f 1,9)" = $'stored\t0'

# --- Wrong use ---
run tsctl hold
expect 2 '' "tsctl: hold needs a pattern
  such as tsctl hold '[\"disk\"]' -- CMD"
run tsctl hold '["a"]'
expect 2 '' "tsctl: hold needs a command
  such as tsctl hold '[\"task\", ...]' -- sh"
run tsctl hold '["a"]' ls
expect 2 '' "tsctl: hold: the command stands after --
  tsctl hold '[\"task\", ...]' -- ls"
run tsctl hold '["a"]' ls -l
expect 2 '' 'tsctl: hold has no option -l
  options of a command that is run stand after --, as that does: tsctl hold ... -- ls -l'
run tsctl hold -- ls
expect 2 '' "tsctl: hold needs a pattern before --
  tsctl hold '[\"task\", ...]' -- CMD"
run tsctl hold '["a"]' '["b"]' -- ls
expect 2 '' "tsctl: hold takes one pattern before --
  tsctl hold '[\"task\", ...]' -- CMD"
run tsctl hold --for 1m '["a"]' -- ls
expect 2 '' 'tsctl: hold: with --for no command is run
  without --for the tuple is held for as long as the command runs'
run tsctl hold --for 0 '["a"]'
expect 2 '' 'tsctl: --for: a hold of no time is over at once'
run tsctl hold --for 1m --finish '["a"]'
expect 2 '' 'tsctl: hold: --finish is for a command that is run, without --for'
run tsctl hold --for 1m -f 1 '["a"]'
expect 2 '' -
run tsctl hold --for 1m -n 3 '["a"]'
expect 2 '' -
expect_that test "${err%%$'\n'*}" = 'tsctl: hold has no option -n'
run tsctl finish
expect 2 '' "tsctl: finish needs a token
  tsctl hold --for 1m '[\"disk\"]' prints one"
run tsctl release 12
expect 2 '' "tsctl: '12' is no token
  a token is 32 hexadecimal digits, as tsctl hold --for prints it"
run tsctl renew "$token"
expect 2 '' "tsctl: renew needs --for, how long from now
  such as tsctl renew --for 1m $token"
run tsctl finish "$token" '["a"'
expect 2 '' -
