#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tsctl run: a private daemon that ends with its command, whatever ends either.
# shellcheck disable=SC1091,SC2016,SC2154 # check.bash sets out, err, ...; $ in single quotes is meant
set -u
. "$TSD_SOURCE/tests/lib/check.bash"
export TMPDIR=$scratch/tmp
mkdir "$TMPDIR"

nothing_is_left() { # no process that has our directory in its words, and nothing in it
    ! pgrep -f "$TMPDIR/tsctl-" >"$scratch/left" && [ -z "$(ls -A "$TMPDIR")" ]
}

# --- The command's status, and what it is given ---
run tsctl run -- true
expect 0
expect_that nothing_is_left
run tsctl run -- sh -c 'exit 7'
expect 7
run tsctl run -- sh -c 'tsctl ping -f 1 && echo "$TSD_SOCKET" && echo "$@"' sh -q --help '[1]'
expect 0 -
expect_that test "$(sed -n 1p <<<"$out")" = "$(sed -n 2p <<<"$out")"
expect_that test "$(sed -n 3p <<<"$out")" = '-q --help [1]'
run tsctl run -- sh -c 'kill -TERM $$'
expect 143
run tsctl run -- sh -c 'kill -KILL $$'
expect 137
expect_that nothing_is_left
run tsctl run -- "$scratch/none"
expect 127 '' "tsctl: run: cannot run $scratch/none: No such file or directory"
run tsctl run -- "$scratch"
expect 126 '' "tsctl: run: cannot run $scratch: Permission denied"
expect_that nothing_is_left
run tsctl run -- tsctl run -- tsctl ping -q # one inside another
expect 0

# --- The daemon's configuration: that of --config, and else none ---
mkdir "$scratch/home"
echo 'nonsense' >"$scratch/home/tsd.conf"
run env XDG_CONFIG_HOME="$scratch/home" tsctl run -- tsctl ping -q
expect 0
printf '[space jobs]\nmode = rwtr-----\n' >"$scratch/jobs.conf"
cd "$scratch" || exit 1
run tsctl run --config jobs.conf -- sh -c 'tsctl out -s jobs "[1]"; tsctl out -s other "[1]"; tsctl spaces -f 1,13'
expect 0 $'jobs\trwtr-----\nother\trwt------'
cd - >/dev/null || exit 1
run tsctl run --config "$scratch/none.conf" -- true
expect 125 '' "tsctl: run: the configuration $scratch/none.conf: No such file or directory"
run tsctl run --config "$scratch/home/tsd.conf" -- true
expect 125 '' -
expect_that grep -q "$scratch/home/tsd.conf:1" <<<"$err"
expect_that nothing_is_left
run tsctl run -- cat <<<'standard input is its own'
expect 0 'standard input is its own'
# nothing of ours is open in it, and the signals are as they were
run ls /proc/self/fd
open=$out
run tsctl run -- ls /proc/self/fd
expect 0 "$open"
run grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status
signals=$out
run tsctl run -- grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status
expect 0 "$signals"
# and nothing of its own in the daemon
exec 63</dev/null
run tsctl run -- bash -c 'ls -l /proc/$(pgrep -f "^tsd --socket $TSD_SOCKET ")/fd'
exec 63<&-
expect 0 -
expect_that test "$(grep -c ' 0 -> ' <<<"$out")" = 1
expect_that test "$(grep -c ' 63 -> ' <<<"$out")" = 0

# --- Where the daemon is found ---
run env TSD_DAEMON=/bin/false tsctl run -- true
expect 125 '' 'tsctl: run: the private daemon did not start'
run env "TSD_DAEMON=$scratch/none" tsctl run -- true
expect 125 '' "tsctl: cannot run $scratch/none: No such file or directory
tsctl: run: the private daemon did not start"
expect_that nothing_is_left
mkdir "$scratch/alone"
cp "$TSD_BUILD/tsctl" "$scratch/alone"
run "$scratch/alone/tsctl" run -- tsctl ping -q # in $PATH
expect 0
run env PATH=/usr/bin:/bin "$scratch/alone/tsctl" run -- true
expect 125 '' "tsctl: run: no tsd beside tsctl ($scratch/alone) nor in \$PATH
  say where it is: TSD_DAEMON=/path/to/tsd tsctl run -- CMD"
run env "TMPDIR=$scratch/$(printf '%0150d' 0)" tsctl run -- true # too long for a socket: /tmp
expect 0

# --- Killed: each time all of it is gone ---
cat >"$scratch/wait" <<'END'
echo $$ >"$1.new" && mv "$1.new" "$1"
exec tsctl in '["never"]'
END
start() { # -> $tsctl, $command, $daemon
    rm -f "$scratch/pid"
    tsctl run -- bash "$scratch/wait" "$scratch/pid" >"$scratch/out" 2>"$scratch/err" &
    tsctl=$!
    until_that test -e "$scratch/pid"
    command=$(cat "$scratch/pid")
    daemon=$(pgrep -f "^tsd --socket $TMPDIR/tsctl-")
    keeper=$(pgrep -P $tsctl | grep -vx "$command")
}
ended() { # none of them runs
    for pid in "$@"; do
        case $(ps -o stat= -p "$pid") in '' | Z*) ;; *) return 1 ;; esac
    done
}

start
kill -KILL "$command"
wait $tsctl
expect_that test $? = 137
expect_that nothing_is_left

start
kill -KILL $tsctl
wait $tsctl 2>/dev/null
until_that ended "$command" "$daemon"
until_that nothing_is_left

start
kill -TERM $tsctl # goes on to the command
wait $tsctl
expect_that test $? = 143
expect_that nothing_is_left

start
kill -KILL "$daemon"
wait $tsctl
expect_that test $? = 5
expect_that grep -qx 'tsctl: run: the private daemon was ended by signal 9' "$scratch/err"
expect_that nothing_is_left

start
kill -KILL "$keeper"
until_that ended "$daemon"
wait $tsctl
expect_that test $? = 5
expect_that nothing_is_left

start
kill -STOP "$daemon" # it cannot end by itself
kill -KILL $tsctl
wait $tsctl 2>/dev/null
until_that ended "$command" "$daemon"
until_that nothing_is_left

start
kill -KILL "$daemon" $tsctl 2>/dev/null
wait $tsctl 2>/dev/null
until_that ended "$command" "$daemon"
until_that nothing_is_left

# a grandchild that stays does not keep the daemon
run tsctl run -- sh -c 'tsctl in "[\"never\"]" >/dev/null 2>&1 & echo $!'
expect 0 -
until_that ended "$out"
expect_that nothing_is_left
