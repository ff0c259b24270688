#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tsctl clients, users, kill.
# shellcheck disable=SC1091,SC2016,SC2154 # check.bash sets out, err, ...; $ in single quotes is meant
set -u
. "$TSD_SOURCE/tests/lib/check.bash"
with_daemon

waits_in() { # SPACE: one request does
    [ "$(tsctl spaces -f 4 "$1")" = 1 ]
}
user=$(id -un)

client_of() { # PID, FILTER of jq -> what it says of that client
    tsctl clients -o json | jq -r "select(.pid == $1) | $2"
}
requests_are() { # PID WANTED
    [ "$(client_of "$1" .requests)" = "$2" ]
}
kept_is() { # WANTED: one that keeps so many
    [ -n "$(tsctl clients -o json | jq "select(.kept == $1)")" ]
}

# --- Alone, there is the one that asks ---
run tsctl clients
expect 0 -
expect_that test "$(sed -n 1p <<<"$out" | tr -s ' ')" = 'ID USER PID NAME AGE IDLE REQUESTS KEPT UNREAD'
expect_that test "$(wc -l <<<"$out")" = 2
expect_that grep -Eqx " *[0-9]+  $user +[0-9]+  tsctl +[0-9.]+m?s +[0-9.]+m?s +[0-9]+ +0 +[0-9]+" <<<"$out"
run tsctl clients -o json
expect 0 -
expect_that test "$(jq -c keys_unsorted <<<"$out")" = '["id","user","pid","name","age","idle","requests","watches","kept","unread","stuck","uid","gid","will","unfinished","own"]'
expect_that test "$(jq -c '[.user, .name, .uid, .gid, .own, .stuck, .watches, .kept, .will]' <<<"$out")" = '["'"$user"'","tsctl",'"$(id -u),$(id -g)"',true,false,0,0,0]'
run tsctl clients -q
expect 0
run tsctl clients -q 999999
expect 1
run tsctl clients 999999
expect 1
run tsctl clients --stuck
expect 0
run tsctl clients --stuck -q
expect 1

# --- Others ---
tsctl in '["never"]' 2>"$scratch/in.err" &
waiter=$!
until_that requests_are $waiter 1
tsctl watch '["log", ...]' >"$scratch/events" 2>"$scratch/watch.err" &
watcher=$!
until_that test -s "$scratch/events"
expect_that test "$(client_of $watcher '"\(.requests) \(.watches) \(.own)"')" = '1 1 false'
id=$(client_of $waiter .id)
run tsctl clients "$id" -f 1,2,3,4,7,8
expect 0 "$id"$'\t'"$user"$'\t'"$waiter"$'\ttsctl\t1\t0'
run tsctl clients --no-headers --sort id
expect 0 -
expect_that test "$(awk '{ print $1 }' <<<"$out")" = "$(awk '{ print $1 }' <<<"$out" | sort -n)"
expect_that test "$(wc -L <<<"$out")" -le 80
run tsctl clients --sort nothing
expect 2 '' -
run bash -c 'set -o pipefail; tsctl clients --watch 10ms -f 1 "$1" | head -n 3' - "$id"
expect 141 "$id
$id
$id"
(exec -a a tsctl ping -q) # which leaves nothing
expect_that test "$(tsctl clients --no-headers | wc -l)" = 3

# --- Killed: what it kept goes back, and it is told by whom ---
tsctl out '["t", 1]' '["t", 2]'
tsctl hold '["t", 1]' -- sleep 100 2>"$scratch/hold.err" &
holder=$!
until_that kept_is 1
run tsctl inp '["t", 1]'
expect 1
run tsctl kill "$(client_of $holder .id)"
expect 0 1
wait $holder
status=$?
expect_that test $status -ne 0
run tsctl rdp '["t", 1]'
expect 0 '["t",1]'
run tsctl kill "$id"
expect 0 0
wait $waiter
expect_that test $? = 5
expect_that grep -q "disconnected by user $(id -u)" "$scratch/in.err"
run tsctl kill "$id"
expect 1 '' "tsctl: there is no client $id"
# several: only when that is meant
tsctl in '["never"]' 2>/dev/null &
waiter=$!
until_that requests_are $waiter 1
one=$(client_of $waiter .id) other=$(client_of $watcher .id)
run tsctl kill "$one" "$other"
expect 2 '' 'tsctl: kill: 2 clients at once
  --yes disconnects them all'
run tsctl kill --yes "$one" "$id" "$other"
expect 1 $'0\n0' "tsctl: there is no client $id"
wait $waiter $watcher
run tsctl clients -f 1
expect_that test "$(wc -l <<<"$out")" = 1

# --- One that does not read ---
tsctl watch '["big", ?]' >/dev/null &
watcher=$!
until_that requests_are $watcher 1
kill -STOP $watcher
head -c 60000 /dev/zero | tr '\0' x >"$scratch/big"
stuck() { # after a few more of these
    tsctl out --pulse --rawfile big "$scratch/big" '["big", $big]'
    tsctl clients --stuck -q
}
until_that stuck
run tsctl clients --stuck -o json
expect 0 -
expect_that test "$(jq -c '[.pid, .stuck, .unread > 0]' <<<"$out")" = "[$watcher,true,true]"
run tsctl clients
expect 0 -
expect_that test "$(sed -n 1p <<<"$out" | awk '{ print $NF }')" = STUCK
expect_that test "$(grep -c ' stuck$' <<<"$out")" = 1
run tsctl kill "$(client_of $watcher .id)"
expect 0 0
expect_that test -z "$(client_of $watcher .id)"
run tsctl clients --stuck -q
expect 1
kill -KILL $watcher
wait $watcher 2>/dev/null

# --- Wrong use ---
run tsctl kill
expect 2 '' 'tsctl: kill needs the number of a client
  tsctl clients lists them'
for wrong in x -- -1 1.5 99999999999999999999 ''; do
    [ "$wrong" != -- ] || continue
    run tsctl kill -- "$wrong"
    expect 2 '' "tsctl: '$wrong' is not the number of a client
  tsctl clients lists them"
    run tsctl clients -- "$wrong"
    expect 2 '' "tsctl: '$wrong' is not the number of a client
  tsctl clients lists them"
done

# --- Users ---
run tsctl users
expect 0 -
expect_that test "$(sed -n 1p <<<"$out" | tr -s ' ')" = 'USER CONNECTIONS REQUESTS TUPLES BYTES PERCENT OF'
expect_that grep -Eqx "$user +1 +[0-9]+ +2 +[0-9]+ +[0-9]+  [a-z-]+" <<<"$out"
expect_that test "$(wc -L <<<"$out")" -le 80
run tsctl users -o json
expect 0 -
expect_that test "$(jq -r 'keys_unsorted | map(select(endswith("-limit") | not)) | join(" ")' <<<"$out")" = \
    'user uid connections requests interests waiting-bytes watches keys tuples bytes will-bytes unread-bytes unfinished-bytes spaces'
expect_that test "$(jq -c '[.user, .uid, .connections, .tuples, ."connections-limit" > 0]' <<<"$out")" = '["'"$user"'",'"$(id -u)"',1,2,true]'
run tsctl users "$user"
expect 0 -
expect_that test "$(sed -n 3,4p <<<"$out" | tr -s ' ')" = $'\nQUOTA USED LIMIT PERCENT'
expect_that test "$(wc -l <<<"$out")" = 16 # the user's line, and each of the quotas
expect_that grep -Eqx 'tuples +2 +([0-9]+|-) +([0-9]+|-)' <<<"$out"
expect_that test "$(wc -L <<<"$out")" -le 80
run tsctl users "$(id -u)" -f 1,2
expect 0 "$user"$'\t'"$(id -u)"
run tsctl users 4294967294
expect 1
run tsctl users --sort percent -q
expect 0
run tsctl users 'no such user'
expect 2 '' "tsctl: users: there is no user 'no such user'"

# --- Each sees its own, whom root can be ---
as() { # USER CMD...
    setpriv --reuid "$1" --regid "$1" --clear-groups "${@:2}"
}
shared() {
    [ "$(id -u)" = 0 ] || return
    chmod 711 "$TMPDIR/.." "$TMPDIR" "$scratch" "${TSD_SOCKET%/*}"
    chmod 666 "$TSD_SOCKET"
    as 4001 tsctl ping -q 2>/dev/null
}
if ! shared; then
    echo 'not tried: several users, who need root and a way to what was built'
    exit
fi
tsctl in '["never"]' 2>/dev/null &
waiter=$!
until_that requests_are $waiter 1
as 4001 tsctl in '["never"]' -s theirs 2>/dev/null &
until_that waits_in theirs
id=$(tsctl clients -o json | jq -r 'select(.uid == 4001).id')
run as 4002 tsctl clients -f 2
expect 0 4002
run as 4002 tsctl kill "$id"
expect 1 '' "tsctl: there is no client $id"
run as 4002 tsctl users -f 2
expect 0 4002
run tsctl users -f 2
expect 0 -
expect_that test "$(sort -n <<<"$out" | tr '\n' ' ')" = '0 4001 '
run as 4001 tsctl kill "$(client_of $waiter .id)"
expect 1 '' -
run as 4001 tsctl kill "$id"
expect 0 0
run tsctl kill "$(client_of $waiter .id)"
expect 0 0
wait
