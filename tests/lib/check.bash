# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Checks of commands, for scripts in tests/system: . "$TSD_SOURCE/tests/lib/check.bash"
#
#   with_daemon               runs the script again under a private daemon (`tsctl run`)
#   run CMD [ARG...]          runs it, with what stands on its standard input
#   expect STATUS [OUT [ERR]] holds the last run against it: OUT and ERR are what it wrote, without the
#                             last newline; ERR is nothing where not said, `-` is anything
#   expect_that CMD [ARG...]  CMD succeeds
#   until_that CMD [ARG...]   the same, but waits for it
#
# Each expect is a check. The script ends with a summary as Check's own, and fails where one did.

checks=0 failures=0
scratch=$(mktemp -d "${TMPDIR:-/tmp}/check.XXXXXX") || exit 1

finish() {
    rm -rf "$scratch"
    [ $checks -gt 0 ] || return
    echo "$((100 * (checks - failures) / checks))%: Checks: $checks, Failures: $failures, Errors: 0"
    [ $failures = 0 ] || exit 1
}
trap finish EXIT

with_daemon() {
    [ -n "${TSD_SOCKET-}" ] || exec tsctl run -- bash "$0"
}

run() {
    ran=$*
    "$@" >"$scratch/out" 2>"$scratch/err"
    status=$?
    # the dot keeps newlines that end it; a zero byte is shown as ~
    out=$(tr '\0' '~' <"$scratch/out" && echo .) out=${out%.} out=${out%$'\n'}
    err=$(cat "$scratch/err" && echo .) err=${err%.} err=${err%$'\n'}
}

fail() { # what
    local frame=0
    while [ "${BASH_SOURCE[frame + 1]}" != "$0" ]; do frame=$((frame + 1)); done
    failures=$((failures + 1))
    echo "$0:${BASH_LINENO[frame]}: $1"
}

differs() { # what, wanted, had
    fail "$ran"
    printf '  %s, wanted:\n%s\n  had:\n%s\n' "$1" "$2" "$3"
}

expect() {
    checks=$((checks + 1))
    if [ "$status" != "$1" ]; then
        differs status "$1" "$status: $out$err"
    elif [ "${2-}" != - ] && [ "$out" != "${2-}" ]; then
        differs output "${2-}" "$out"
    elif [ "${3-}" != - ] && [ "$err" != "${3-}" ]; then
        differs 'standard error' "${3-}" "$err"
    fi
}

expect_that() {
    checks=$((checks + 1))
    "$@" || fail "not so: $*"
}

until_that() { # a process each time is pause enough
    local end=$((SECONDS + 60))
    checks=$((checks + 1))
    until "$@"; do
        [ $SECONDS -lt $end ] || { fail "never so: $*" && return; }
    done
}

# --- What several scripts ask ---------------------------------------------------------------------

clear_space() { # every tuple of the space
    tsctl inp -q -n all '[...]'
    [ "$(tsctl count)" = 0 ] || exit 1
}

waiting() { # so many requests wait in the space main
    [ "$(tsctl spaces -f 4 main)" = "$1" ]
}
