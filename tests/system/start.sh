#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What tsd says to who starts it by hand: its help, a limit that there is not, a TSD_SOCKET that it
# does not serve, a default path that it may not use.
# shellcheck disable=SC1091,SC2154 # check.bash sets out, err, ...
set -u
. "$TSD_SOURCE/tests/lib/check.bash"

run tsd --help
expect 0 -
expect_that test -z "$(printf '%s\n' "$out" | awk 'length > 80')"

while read -r wrong what; do
    run tsd --limit "$wrong"
    expect 2 '' "tsd: --limit $wrong: $what
Try 'tsd --help'."
done <<'END'
foo=3 there is no limit foo; tsd --help lists them
unread-ns=3 there is no limit unread-ns; the nearest is unread-ms
unread-ms a limit is set by NAME=VALUE
unread-ms=0 unread-ms takes a whole number from 1: 0
unread-ms=x unread-ms takes a whole number from 1: x
END

# A daemon that is told no path serves the default one, whatever TSD_SOCKET is. Not as root, whose
# default is the system's.
as_user() { "$@"; }
if [ "$(id -u)" = 0 ]; then
    as_user() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
    chmod 711 "$TMPDIR/.." "$TMPDIR" "$scratch"
fi
if as_user test -x "$TSD_BUILD/tsd" -a -x "$scratch" 2>/dev/null; then
    export XDG_RUNTIME_DIR=$scratch/run
    mkdir "$XDG_RUNTIME_DIR"
    [ "$(id -u)" != 0 ] || chown 65534:65534 "$XDG_RUNTIME_DIR"

    started() { # TSD_SOCKET, options -> $err: the log of a daemon that stops when it serves
        run as_user env TSD_SOCKET="$1" tsd --lifeline 0 "${@:2}" < <(:)
        expect 0 '' -
    }
    started "$scratch/else where"
    expect_that grep -qF "clients that have TSD_SOCKET look elsewhere; to serve them use --socket \
TSD_SOCKET=\"$scratch/else where\"" <<<"$err"
    for same in "$XDG_RUNTIME_DIR/tsd/socket" "$XDG_RUNTIME_DIR//tsd/../tsd/socket" ''; do
        started "$same"
        expect_that grep -q '^listening .*/run/tsd/socket$' <<<"$err"
        expect_that test -z "$(grep TSD_SOCKET <<<"$err")"
    done
    started "$scratch/elsewhere" --socket "$XDG_RUNTIME_DIR/other" # it was told
    expect_that test -z "$(grep TSD_SOCKET <<<"$err")"

    unset XDG_RUNTIME_DIR
    run as_user tsd --lifeline 0 < <(:)
    expect 1 '' -
    expect_that grep -q '^cannot listen .*/run/tsd.*Permission denied' <<<"$err"
    expect_that grep -qF 'tsd --socket PATH; and for clients: export TSD_SOCKET=PATH' <<<"$err"
    run as_user tsd --socket /run/tsd-none/socket < <(:)
    expect 1 '' -
    expect_that test -z "$(grep hint <<<"$err")"
fi
