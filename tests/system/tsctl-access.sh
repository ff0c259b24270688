#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tsctl chmod, chown, space --owner --group --mode; what users that share a daemon may do.
# shellcheck disable=SC1091,SC2016,SC2154 # check.bash sets out, err, ...; $ in single quotes is meant
set -u
. "$TSD_SOURCE/tests/lib/check.bash"
with_daemon

waits_in() { # SPACE: one request does
    [ "$(tsctl spaces -f 4 "$1")" = 1 ]
}

mode_of() { # SPACE
    tsctl spaces -o json "$1" | jq -r .mode
}
mode_is() { # WANTED, after the last run
    expect 0
    expect_that test "$(mode_of jobs)" = "$1"
}
user=$(id -un) group=$(id -gn)

# --- The mode, in each way that it is written ---
run tsctl space create --mode 0750 jobs
mode_is rwtr-t---
run tsctl chmod 0 jobs
mode_is ---------
run tsctl chmod rwtr----- jobs
mode_is rwtr-----
run tsctl chmod g+w,o=r jobs
mode_is rwtrw-r--
run tsctl chmod a-w jobs
mode_is r-tr--r--
run tsctl chmod -- -t jobs
mode_is r--r--r--
run tsctl chmod u=rwt,g=,o= jobs
mode_is rwt------
run tsctl space set --mode rwtrwtrwt jobs
mode_is rwtrwtrwt
tsctl out -s other '[1]'
run tsctl chmod 0700 jobs other
expect 0
expect_that test "$(mode_of jobs) $(mode_of other)" = 'rwt------ rwt------'
run tsctl chmod a+r jobs other
expect 0
expect_that test "$(mode_of jobs) $(mode_of other)" = 'rwtr--r-- rwtr--r--'

# --- Owner and group, by name and by number ---
run tsctl chown "$user" jobs
expect 0
run tsctl chown ":$group" jobs other
expect 0
run tsctl chown "$(id -u):$(id -g)" jobs
expect 0
run tsctl space set --owner "$user" --group "$(id -g)" jobs
expect 0
run tsctl spaces -f 1,11.. jobs
expect 0 $'jobs\t'"$user"$'\t'"$group"$'\trwtr--r--'

# --- Where it is not there nothing is made ---
for words in 'chmod 0700' 'chmod g+r' "chown :$group"; do
    # shellcheck disable=SC2086 # words
    run tsctl $words nowhere
    expect 1 '' 'tsctl: there is no space nowhere'
done
run tsctl space set --mode 0700 nowhere
expect 1 '' 'tsctl: there is no space nowhere
  to make it: tsctl space create nowhere'
run tsctl spaces nowhere
expect 1

# --- Wrong use ---
run tsctl chmod 0700
expect 2 '' 'tsctl: chmod needs a mode and the name of a space
  such as tsctl chmod 0770 jobs'
for mode in rwxr----- 0780 g+x 1777 ''; do
    run tsctl chmod "$mode" jobs
    expect 2 '' "tsctl: '$mode' is not a mode
  octal such as 0750, letters such as rwtr-----, or changes such as g+rw,o=
  r is to read, w to write, t to take; u its owner, g its group, o others"
done
run tsctl space create --mode g+r new
expect 2 '' "tsctl: --mode: 'g+r' is not a mode
  octal such as 0750, or letters such as rwtr-----; chmod changes one"
run tsctl chmod 0700 "$(printf 'a\nb')"
expect 2 '' -
run tsctl chown jobs
expect 2 '' 'tsctl: chown needs an owner and the name of a space
  such as tsctl chown :workers jobs'
for owner in '' : root:; do
    run tsctl chown "$owner" jobs
    expect 2 '' "tsctl: '$owner' names no owner
  OWNER, OWNER:GROUP or :GROUP, each a name or a number"
done
run tsctl chown 'no such user' jobs
expect 2 '' "tsctl: chown: there is no user 'no such user'"
run tsctl chown ':no such group' jobs
expect 2 '' "tsctl: chown: there is no group 'no such group'"
run tsctl space create --owner 4294967295 jobs
expect 2 '' "tsctl: --owner: there is no user '4294967295'"
run tsctl space rm --mode 0700 jobs
expect 2 '' 'tsctl: space rm takes no attributes'

# --- Several users, whom root can be ---
as() { # USER CMD...: two users that nobody knows by name, both in the group 4100, too
    setpriv --reuid "$1" --regid "$1" --groups "$1,4100" "${@:2}"
}
shared() { # the daemon's socket is for all
    [ "$(id -u)" = 0 ] || return
    chmod 711 "$TMPDIR/.." "$TMPDIR" "$scratch" "${TSD_SOCKET%/*}"
    chmod 666 "$TSD_SOCKET"
    as 4001 tsctl ping -q 2>/dev/null
}
if ! shared; then
    echo 'not tried: several users, who need root and a way to what was built'
    exit
fi
run as 4001 tsctl out -s theirs '["t", 1]'
expect 0
run as 4001 tsctl spaces -f 1,11..
expect 0 $'jobs\t'"$user"$'\t'"$group"$'\trwtr--r--\nother\t'"$user"$'\t'"$group"$'\trwtr--r--\ntheirs\t4001\t4001\trwt------'
# whoever has no right in it finds none
run as 4002 tsctl rdp -s theirs '[...]'
expect 1
run as 4002 tsctl count -s theirs
expect 0 0
run as 4002 tsctl spaces theirs
expect 1
run as 4002 tsctl chmod 0777 theirs
expect 1 '' 'tsctl: there is no space theirs'
run as 4002 tsctl space rm theirs
expect 1 '' 'tsctl: there is no space theirs'
run as 4002 tsctl out -s theirs '[1]'
expect 4 '' -
expect_that test "${err:0:43}" = 'tsctl: permission denied for space theirs: '
run as 4002 tsctl rd -s theirs '[...]'
expect 4 '' -
run as 4002 tsctl watch -s theirs
expect 4 '' -
# by the group
run as 4001 tsctl chown :4100 theirs
expect 0
run as 4001 tsctl chmod g+r theirs
expect 0
run as 4002 tsctl rdp -s theirs '[...]'
expect 0 '["t",1]'
run as 4002 tsctl inp -s theirs '[...]'
expect 4 '' -
expect_that test "${err:0:43}" = 'tsctl: permission denied for space theirs: '
run as 4002 tsctl chmod g+t theirs
expect 4 '' -
run as 4001 tsctl chown 4002 theirs
expect 4 '' -
run as 4001 tsctl chown :0 theirs
expect 4 '' -
# what waits, and then may not
as 4002 tsctl rd -s theirs '["never"]' 2>"$scratch/said" &
waiter=$!
until_that waits_in theirs
run as 4001 tsctl chmod g= theirs
expect 0
wait $waiter
expect_that test $? = 4
expect_that grep -q '^tsctl: ' "$scratch/said"
# an administrator
run tsctl inp -s theirs '[...]'
expect 0 '["t",1]'
run tsctl chown 4002 theirs
expect 0
