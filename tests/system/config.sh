#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The configuration file: which is read, what it sets, and what is said where it is wrong.
# shellcheck disable=SC1091,SC2154 # check.bash sets out, err, ...
set -u
. "$TSD_SOURCE/tests/lib/check.bash"
file=$scratch/tsd.conf

started() { # options -> a daemon that stops as soon as it serves
    run tsd --socket "$scratch/socket" --lifeline 0 "$@" < <(:)
}

# --- What is wrong refuses the start, with its line ---
cat >"$file" <<'END'
[daemon]
log-level = warning
sockt-mode = 0666

[limits]
user-connections = none
END
started --config "$file"
expect 1 '' "$file:3: there is no key sockt-mode in [daemon]; the nearest is socket-mode
$file:6: user-connections takes a whole number from 1: none"
run tsd --check-config --config "$file"
expect 1 '' "$file:3: there is no key sockt-mode in [daemon]; the nearest is socket-mode
$file:6: user-connections takes a whole number from 1: none"
started --config "$scratch/none"
expect 1 '' "$scratch/none: cannot read it: No such file or directory"
started --config "$scratch"
expect 1 '' "$scratch: cannot read it: Is a directory"
head -c 1048577 /dev/zero | tr '\0' '\n' >"$scratch/large"
started --config "$scratch/large"
expect 1 '' "$scratch/large: cannot read it: File too large"
started --config '' # none
expect 0 '' -
run tsd --check-config --config "$file" --limit unread-ms=0 # the command line's own comes first
expect 2 '' "tsd: --limit unread-ms=0: unread-ms takes a whole number from 1: 0
Try 'tsd --help'."

sed -i 's/sockt/socket/; s/none/5/' "$file"
run tsd --check-config --config "$file"
expect 0 "tsd: $file: ok"
started --config "$file" # and at its level nothing is said
expect 0
run tsd --check-config --config ''
expect 0 'tsd: no configuration file: ok'
run tsd --check-config --config /dev/stdin <"$file"
expect 0 'tsd: /dev/stdin: ok'
# controls do not reach a terminal
printf '[daemon]\n\033]0;x\007 = 1\n' >"$file"
run tsd --check-config --config "$file"
expect 1 '' "$file:2: there is no key \\x1b]0;x\\x07 in [daemon]; see tsd.conf(5)"

# --- It sets, and the command line wins ---
serving() { # options; then what is to hold while it serves
    rm -f "$scratch/ready"
    mkfifo "$scratch/ready"
    exec 7<>"$scratch/ready"
    tsd "$@" --ready-fd 7 2>"$scratch/log" &
    daemon=$!
    read -r -t 60 <&7 || fail "does not serve: $* $(cat "$scratch/log")"
    exec 7<&-
}
stopped() {
    kill -TERM "$daemon"
    wait "$daemon"
    checks=$((checks + 1))
    [ $? = 0 ] || fail "it ended otherwise: $(cat "$scratch/log")"
}
is() { # mode and group of the socket
    [ "$(stat -c '%a %g' "$scratch/socket")" = "$1" ]
}

is_served() { tsctl ping -q 2>/dev/null; }
is_up() { tsctl ping 2>&1 | grep -q opening-bytes; } # it answers, though not kindly

own=$(id -g)
export TSD_SOCKET=$scratch/socket
cat >"$file" <<END
[daemon]
socket = $scratch/socket
socket-mode = 0660
socket-group = $own
log-level = err
[limits]
opening-bytes = 8
END
for mask in 0 0777; do
    (
        umask $mask
        exec tsd --config "$file" 2>"$scratch/log"
    ) &
    daemon=$!
    until_that is_up
    expect_that is "660 $own"
    stopped
    expect_that test ! -e "$scratch/socket"
done

serving --config "$file"
run tsctl ping
expect 4 '' -
expect_that grep -q opening-bytes <<<"$err"
expect_that test -z "$(cat "$scratch/log")"
stopped

serving --config "$file" --socket-mode 600 --limit opening-bytes=4K --log-level notice
expect_that is "600 $own"
expect_that is_served
expect_that grep -q "^listening .*socket=$scratch/socket\$" "$scratch/log"
stopped

if [ "$(id -u)" = 0 ]; then
    serving --config "$file" --socket-group 4321
    expect_that is '660 4321'
    stopped
    chown 65534:65534 "$scratch"
    chmod 711 "$TMPDIR/.." "$TMPDIR" "$scratch"
    run setpriv --reuid 65534 --regid 65534 --clear-groups tsd --config '' -S "$scratch/socket" \
        --socket-group 4321 --lifeline 0 < <(:)
    expect 1 '' "cannot listen problem=\"cannot give $scratch/socket to group 4321: who runs this \
is neither a member nor root\""
    expect_that test ! -e "$scratch/socket"
    as_user() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
else
    as_user() { "$@"; }
fi
unset TSD_SOCKET

# --- Which file a user's daemon reads ---
if as_user test -x "$TSD_BUILD/tsd" -a -x "$scratch" 2>/dev/null; then
    export XDG_RUNTIME_DIR=$scratch/run HOME=$scratch/home
    mkdir -p "$scratch/run" "$scratch/home/.config" "$scratch/config"
    checked() { # XDG_CONFIG_HOME
        run as_user env XDG_CONFIG_HOME="$1" tsd --check-config
    }
    checked ''
    expect 0 'tsd: no configuration file: ok'
    echo '# home' >"$scratch/home/.config/tsd.conf"
    checked ''
    expect 0 "tsd: $scratch/home/.config/tsd.conf: ok"
    checked "$scratch/config"
    expect 0 'tsd: no configuration file: ok'
    echo 'wrong' >"$scratch/config/tsd.conf"
    checked "$scratch/config"
    expect 1 '' "$scratch/config/tsd.conf:1: this is no KEY = VALUE, no [section] and no comment, \
which begins with # or ;"
    checked config # not a path from the root
    expect 0 "tsd: $scratch/home/.config/tsd.conf: ok"
    chmod 0 "$scratch/config/tsd.conf"
    checked "$scratch/config" # there is one, and it says who knows what
    expect 1 '' "$scratch/config/tsd.conf: cannot read it: Permission denied"
    unset XDG_RUNTIME_DIR # it serves the system's socket, by the system's file
    checked "$scratch/config"
    expect 0 -
    expect_that test -z "$(grep "$scratch" <<<"$out")"
fi
