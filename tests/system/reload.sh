#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# SIGHUP has the configuration read again: all of it, or nothing where a line is wrong.
# shellcheck disable=SC1091,SC2154 # check.bash sets out, err, ...
set -u
. "$TSD_SOURCE/tests/lib/check.bash"
file=$scratch/tsd.conf log=$scratch/log
export TSD_SOCKET=$scratch/socket

printf '[daemon]\nsocket-mode = 0666\n[space begun*]\nowner = 0\n' >"$file"
tsd --config "$file" --socket "$TSD_SOCKET" --limit opening-ms=9000 2>"$log" &
daemon=$!
trap 'kill $daemon 2>/dev/null; finish' EXIT
is_served() { tsctl ping -q 2>/dev/null; }
until_that is_served

reload() { # the file from stdin
    cat >"$file"
    kill -HUP "$daemon"
}
says() { grep -qx -- "$1" "$log"; }
came() { # whether a client that came is told of: at the level info
    local before
    before=$(grep -c '^client came' "$log")
    tsctl ping -q && [ "$(grep -c '^client came' "$log")" -gt "$before" ]
}
silent() { ! came; }

# Rules for spaces are seen by somebody whom they keep out, where that can be tried
as_other() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
[ "$(id -u)" != 0 ] || chmod 711 "$TMPDIR/.." "$TMPDIR" "$scratch"
other=
[ "$(id -u)" != 0 ] || ! as_other test -x "$TSD_BUILD/tsctl" 2>/dev/null || other=yes
puts() { as_other tsctl out -s "$1" '[1]' 2>"$scratch/said"; }
is_denied() { ! puts "$1" && grep -q 'permission denied for space' "$scratch/said"; }
[ -z "$other" ] || expect_that is_denied begun # from the start on

# The level of the log
expect_that silent
reload <<<$'[daemon]
log-level = info'
until_that came

# What is wrong is told with file and line, all of it, and nothing is taken of the rest
reload <<<$'[daemon]\nlog-level = notice\n[limits]\nopening-bytes = 8\nopening-bytse = 8\n[spcae x]'
until_that says "$file:5: there is no limit opening-bytse; the nearest is opening-bytes"
until_that says "$file:6: there is no section .spcae x.*"
until_that says 'configuration refused, all stays as it is'
expect_that came
rm "$file"
kill -HUP "$daemon"
until_that says "$file: cannot read it: No such file or directory"
expect_that came

# A limit; one that the command line set stays
reload <<<$'[daemon]\nlog-level = info\n[limits]\nopening-bytes = 8\nopening-ms = 1'
is_refused() { tsctl ping 2>&1 | grep -q opening-bytes; }
until_that is_refused
reload <<<$'[daemon]\nlog-level = info'
until_that is_served # it is as by default again
expect_that came

# What is for the start is said to be so
reload <<END
[daemon]
socket = $scratch/other
END
until_that says 'socket, socket-mode and socket-group take effect at the next start'
expect_that test "$(stat -c %a "$TSD_SOCKET")" = 666
expect_that test ! -e "$scratch/other"
until_that silent # and the level by default again

if [ -n "$other" ]; then
    expect_that puts begun # that rule is no longer there
    reload <<<$'[space begun*]\nowner = 0\n[space begun.for-all]\nmode = 0777'
    until_that is_denied begun.again
    expect_that puts begun # it was made before
    expect_that puts begun.for-all
    reload <<<''
    until_that puts begun.again
fi

# Many, as fast as they can come, and clients meanwhile
for i in $(seq 200); do
    kill -HUP "$daemon"
    [ $((i % 20)) != 0 ] || tsctl out "[\"t\", $i]"
done
expect_that test "$(tsctl count)" = 10

kill -TERM "$daemon"
wait "$daemon"
checks=$((checks + 1))
[ $? = 0 ] || fail "it ended otherwise: $(cat "$log")"
