#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What tsctl says when it is used wrongly: what, where (a caret), what to do. No daemon is asked.
# shellcheck disable=SC1091,SC2016,SC2154 # check.bash sets out, err, ...; $ in single quotes is meant
set -u
. "$TSD_SOURCE/tests/lib/check.bash"

# --- Words that there are not ---
run tsctl ot
expect 2 '' "tsctl: no command 'ot'
  the nearest is: tsctl out"
run tsctl zebra
expect 2 '' "tsctl: no command 'zebra'
  tsctl help lists the commands"
run tsctl in --folow '[1]'
expect 2 '' 'tsctl: in has no option --folow
  the nearest is --follow'
run tsctl in --ids '[1]'
expect 2 '' 'tsctl: in has no option --ids
  out has it; see tsctl in -h'
run tsctl --ids out '[1]'
expect 2 '' 'tsctl: --ids is an option of out: it stands after the command
  tsctl out --ids ...'
run tsctl out --gibberish '[1]'
expect 2 '' 'tsctl: out has no option --gibberish
  see tsctl out -h'
run tsctl --gibberish
expect 2 '' 'tsctl: no option --gibberish
  see tsctl -h'
run tsctl out -Z '[1]'
expect 2 '' 'tsctl: out has no option -Z
  see tsctl out -h'
# those of several commands, wherever they stand
run tsctl count -n 5 -t 3
expect 2 '' 'tsctl: count has no option -t
  out, in, rd, hold, finish, atomic, watch and drained have it
  see tsctl count -h'
run tsctl -n 5 out '[1]'
expect 2 '' 'tsctl: out has no option -n
  in, inp, rd, rdp, scan, work, collect, copy, watch and explain have it
  see tsctl out -h'
run tsctl inp --timeout=5 '[1]'
expect 2 '' 'tsctl: inp has no option -t
  out, in, rd, hold, finish, atomic, watch and drained have it
  see tsctl inp -h'
run tsctl run -t 5 -- true
expect 2 '' 'tsctl: run has no option -t
  out, in, rd, hold, finish, atomic, watch and drained have it
  see tsctl run -h'
run tsctl run head -n 5 x
expect 2 '' 'tsctl: run: the command stands after --
  tsctl run -- head ...'
for always in -q -0 '-f 1' '-i json' '-o json' '-w 0' '-s a' '--color never' '--arg a b'; do
    # shellcheck disable=SC2086 # an option and its value
    run tsctl $always -S "$scratch/none" count
    expect 5 '' -
done
for option in ttl delay window; do
    run tsctl out --$option soon '[1]'
    expect 2 '' "tsctl: --$option: 'soon' is not a duration
  such as 5 (seconds), 0.5, 250ms, 2m, 1h; never negative"
done
run tsctl out --ttl 0 '[1]'
expect 2 '' 'tsctl: --ttl: such a tuple is gone at once'
run tsctl out --window 0 '[1]'
expect 2 '' 'tsctl: --window: the key is forgotten at once'
run tsctl out --key k -
expect 2 '' 'tsctl: --key is for one unit, and - puts one after the other
  with --atomic all that is read is one unit'
run tsctl
expect 2 '' -
expect_that test "${err%%$'\n'*}" = 'usage: tsctl [OPTION...] COMMAND [ARGUMENT...]'

# --- Options' values ---
run tsctl in -t
expect 2 '' 'tsctl: --timeout takes DURATION'
run tsctl out --arg a
expect 2 '' 'tsctl: --arg takes NAME VALUE'
run tsctl in --quiet=yes '[1]'
expect 2 '' 'tsctl: --quiet takes no value'
run tsctl in -t -5 '[1]'
expect 2 '' "tsctl: --timeout: '-5' is not a duration
  such as 5 (seconds), 0.5, 250ms, 2m, 1h; never negative"
run tsctl in --wait 1w '[1]'
expect 2 '' "tsctl: --wait: '1w' is not a duration
  such as 5 (seconds), 0.5, 250ms, 2m, 1h; never negative"
run tsctl in -n 0 '[1]'
expect 2 '' "tsctl: --count: '0' is not a count
  such as 10 (at most 10), 5..10 (at least 5), all"
run tsctl in -n 16385..20000 '[1]'
expect 2 '' 'tsctl: --count: at most 16384 tuples can be waited for at once'
run tsctl scan -n 5..10
expect 2 '' 'tsctl: --count: scan does not wait, so it takes N or all, not M..N'
run tsctl in --follow -n 2..3 '[1]'
expect 2 '' 'tsctl: --follow takes one tuple at a time: -n N, not M..N'
run tsctl in -f 0 '[1]'
expect 2 '' "tsctl: --fields: '0' is not a list of fields
  such as 2, 1,3, 2..4, 2..; the first field is 1, the last possible one 255"
run tsctl in -o xml '[1]'
expect 2 '' "tsctl: --output: no format 'xml'
  there are notation, json, raw, tsv, sh and table"
run tsctl out -i tsv '[1]'
expect 2 '' "tsctl: --input: no format 'tsv'
  there are notation, json and raw"
run tsctl in -o table '[1]'
expect 2 '' 'tsctl: tuples are not written as a table
  -o tsv gives columns, -f 1,2 picks fields'
run tsctl out --color sometimes '[1]'
expect 2 '' "tsctl: --color: 'sometimes' is not auto, always or never"
run tsctl out --priority 128 '[1]'
expect 2 '' "tsctl: --priority: '128' is not a number from -128 to 127"
run tsctl out -s '' '[1]'
expect 2 '' -
run tsctl out -s $'a\nb' '[1]'
expect 2 '' -
run env TSD_SPACE=$'a\nb' tsctl out '[1]'
expect 2 '' -
expect_that test "${err%%:*}" = tsctl

# --- Tuples and patterns: a caret under the column ---
run tsctl out '["task" 7]'
expect 2 '' 'tsctl: a comma is missing before this
  ["task" 7]
          ^'
run tsctl out '["task", 1]' '["a",, 2]'
expect 2 '' 'tsctl: tuple 2: a value is missing before ,
  ["a",, 2]
       ^'
run tsctl in '["a"]' '["b", ?integer]'
expect 2 '' -
expect_that test "$(sed -n '2,3p' <<<"$err")" = '  ["b", ?integer]
        ^'
run tsctl out '["日本語", é 1]' # two columns a character, then one
expect 2 '' -
expect_that test "$(sed -n 3p <<<"$err")" = '             ^'
run tsctl out $'["a",\n "b" 1,\n 2]' # only the line
expect 2 '' -
expect_that test "$(sed -n '2,3p' <<<"$err")" = '   "b" 1,
       ^'
long=$(printf '"%0100d", ' 1)
run tsctl out "[$long 1 2, $long 3]"
expect 2 '' -
expect_that test "$(sed -n 2p <<<"$err" | wc -L)" -le 110
expect_that test "$(sed -n '2{s/ *$//;s/^.*\(2\).*$/\1/p}' <<<"$err")" = 2
run tsctl out $'["\033[31m" 1]' # nothing that a terminal would obey
expect 2 '' -
expect_that test "$err" = "${err//$'\033'/}"
run tsctl in '["task", 1'
expect 2 '' -
expect_that test "$(sed -n '2,3p' <<<"$err")" = '  ["task", 1
            ^'
expect_that test "$(sed -n 1p <<<"$err")" = 'tsctl: the text ends before the ] of the pattern'
run tsctl in '["task", [1, "é", {"a": 2'
expect 2 '' 'tsctl: the text ends before the } of the map in column 19
  ["task", [1, "é", {"a": 2
                           ^'
run tsctl out task
expect 2 '' -
expect_that test "$(sed -n 4p <<<"$err")" = "  a tuple begins with [, as in '[\"task\", 1]'"
run tsctl out '["a", ?]'
expect 2 '' -
run tsctl out '[1]' '[1, $f]'
expect 2 '' 'tsctl: tuple 2: there is no value for $f
  [1, $f]
      ^'
run tsctl out -i json '[1, nan]'
expect 2 '' 'tsctl: this is the notation, not JSON
  [1, nan]
      ^'
run tsctl out -i raw '[1]'
expect 2 '' 'tsctl: raw tuples come from standard input
  tsctl out -i raw - <FILE'
run tsctl in '[1]' '[2]' '[3]' '[4]' '[5]' '[6]' '[7]' '[8]' '[9]'
expect 2 '' 'tsctl: 9 patterns: there are at most 8 alternatives'

# --- The shell removed the quotes ---
run tsctl out ["task", 1]
expect 2 '' "tsctl: the shell removed the quotes: put the tuple in single quotes
  tsctl out '[\"task\", 1]'"
run tsctl out ["task",1]
expect 2 '' "tsctl: the shell removed the quotes: put the tuple in single quotes
  tsctl out '[\"task\",1]'"
run tsctl count [task, '?int', ...]
expect 2 '' "tsctl: the shell removed the quotes: put the pattern in single quotes
  tsctl count '[\"task\", ?int, ...]'"
run tsctl out [1, 2] [3]
expect 2 '' "tsctl: the shell removed the quotes: put the tuple in single quotes
  tsctl out '[1, 2]'"
run tsctl out [task, 1
expect 2 '' "tsctl: the shell removed the quotes: put the tuple in single quotes
  tsctl out '[\"task\", 1]'"

# --- Names ---
run tsctl out --arg 1x y '[1]'
expect 2 '' "tsctl: '1x' cannot be a name
  a name has letters, digits and _ and begins with none of the digits"
run tsctl out --arg x $'\xff' '[$x]'
expect 2 '' 'tsctl: $x is not valid UTF-8, so it cannot be a str
  send it as bin: printf %s "..." | tsctl ... --binfile x -'
run tsctl out --argjson x '[1 2]' '[$x]'
expect 2 '' 'tsctl: $x: a comma is missing before this
  [1 2]
     ^
  a text that is to be a str goes in by --arg x'
run tsctl out --rawfile x "$scratch/none" '[$x]'
expect 2 '' "tsctl: \$x: cannot read $scratch/none: No such file or directory"
run tsctl out --rawfile x "$scratch" '[$x]'
expect 2 '' "tsctl: \$x: cannot read $scratch: Is a directory"
printf '\xff' >"$scratch/bytes"
run tsctl out --rawfile x "$scratch/bytes" '[$x]'
expect 2 '' 'tsctl: $x is not valid UTF-8, so it cannot be a str
  for a file that is no text: --binfile x FILE'
truncate -s 17M "$scratch/large"
run tsctl out --binfile x "$scratch/large" '[$x]'
expect 2 '' "tsctl: \$x: $scratch/large has more than the 16 MiB of a tuple"
run tsctl out --rawfile a - --binfile b - '[$a, $b]'
expect 2 '' 'tsctl: $b: standard input can be read only once'
run tsctl out --binfile b - -
expect 2 '' 'tsctl: standard input is read by --rawfile or --binfile already'

# --- Arguments ---
run tsctl in
expect 2 '' "tsctl: in needs a pattern
  such as tsctl in '[\"task\", ?int, ?str]'"
run tsctl out
expect 2 '' 'tsctl: no tuple to put
  to read from standard input: ... | tsctl out -'
run tsctl out --arg a '[1]'
expect 2 '' 'tsctl: --arg took the name a and the value [1]: the tuple is missing'
run tsctl in --argjson a 5 --rawfile b /dev/null
expect 2 '' 'tsctl: --rawfile took the name b and the value /dev/null: the pattern is missing'
for words in "- [1]" "[1] -" "- -"; do
    # shellcheck disable=SC2086 # two words
    run tsctl out $words
    expect 2 '' 'tsctl: - stands alone: with it all tuples are read from standard input
  tuples that are words go in by another tsctl out'
done
run tsctl out --each '[$line]' '[1]'
expect 2 '' 'tsctl: --each makes tuples of what is read
  to read from standard input: ... | tsctl out --each TEMPLATE -'
run tsctl out --each '["f", $lin]' -
expect 2 '' 'tsctl: --each: there is no value for $lin
  ["f", $lin]
        ^
  such as --each '"'[\"file\", \$line]'"
run tsctl count '[1]' '[2]'
expect 2 '' 'tsctl: count takes one pattern, not 2'
run tsctl ping now
expect 2 '' 'tsctl: ping takes no arguments; another socket is named by -S PATH'
run tsctl rd --follow '[1]'
expect 2 '' 'tsctl: rd --follow would read the same tuples again and again
  to see tuples come, watch --now; to take each as it comes, in --follow;
  to read all that are there, scan'
run tsctl run
expect 2 '' 'tsctl: run needs a command
  such as tsctl run -- sh'
run tsctl run ls
expect 2 '' 'tsctl: run: the command stands after --
  tsctl run -- ls'
run tsctl run ls -l
expect 2 '' 'tsctl: run has no option -l
  options of a command that is run stand after --, as that does: tsctl run -- ls -l'
run tsctl help out in
expect 2 '' 'tsctl: help takes one command, not 2'
run tsctl help ot
expect 2 '' "tsctl: no command 'ot'
  the nearest is: tsctl out"

# --- No daemon: the advice is what would serve the socket that tsctl looks for ---
private='  or a private one for one program: tsctl run -- sh'
if [ "$(id -u)" = 0 ]; then
    with_directory='  start one: tsd, or systemctl start tsd.socket'
    without=$with_directory
else
    with_directory='  start your own: tsd, or systemctl --user start tsd.socket'
    without="  start the host's: systemctl start tsd.socket
  or your own: tsd --socket PATH, and TSD_SOCKET=PATH for tsctl"
fi
[ -e /run/tsd/socket ] || {
    run tsctl ping
    expect 5 '' "tsctl: no daemon at /run/tsd/socket
$without
$private"
    run env "XDG_RUNTIME_DIR=$scratch" tsctl in '[1]'
    expect 5 '' "tsctl: no daemon at $scratch/tsd/socket (nor /run/tsd/socket)
$with_directory
$private"
    run env XDG_RUNTIME_DIR=tmp tsctl in '[1]' # tsd looks at none that is no whole path
    expect 5 '' "tsctl: no daemon at tmp/tsd/socket (nor /run/tsd/socket)
$without
$private"
}
run tsctl -S "$scratch/none" out '[1]'
expect 5 '' "tsctl: no daemon at $scratch/none
  start one there: tsd --socket $scratch/none
$private"
run env "TSD_SOCKET=$scratch/none" tsctl scan -q
expect 5 '' "tsctl: no daemon at $scratch/none
  start one there: tsd --socket $scratch/none
$private"
run env "TSD_SOCKET=$scratch/no/folder/none" tsctl scan -q
expect 5 '' "tsctl: no daemon at $scratch/no/folder/none
  start one there: mkdir -p $scratch/no/folder && tsd --socket $scratch/no/folder/none
$private"

follow_advice() { # runs the daemon that the last advice names, and tsctl as it was run before
    local advice daemon
    advice=$(sed -n '2{s/^[^:]*: //; s/,.*//; s/\(^\|&& \)tsd/\1exec tsd --log-level warning/; p}' <<<"$err")
    "$@" bash -c "$advice" &
    daemon=$!
    run "$@" tsctl -w 30 ping -f 1
    kill $daemon
    wait $daemon
}
follow_advice env "TSD_SOCKET=$scratch/no/folder/none"
expect 0 "$scratch/no/folder/none"
# one that died left its socket in the user's place, at which root's tsd does not serve by itself
mkdir -m 700 "$scratch/tsd"
tsd --socket "$scratch/tsd/socket" --log-level warning &
daemon=$!
tsctl -S "$scratch/tsd/socket" -w 30 ping -q
kill -KILL $daemon
wait $daemon 2>/dev/null
[ "$(id -u)" != 0 ] || with_directory="  start one there: tsd --socket $scratch/tsd/socket"
run env "XDG_RUNTIME_DIR=$scratch" tsctl ping
expect 5 '' "tsctl: no daemon at $scratch/tsd/socket
$with_directory
$private"
follow_advice env "XDG_RUNTIME_DIR=$scratch"
expect 0 "$scratch/tsd/socket"
run tsctl -S "$scratch/none" -w 50ms ping
expect 5 '' -
run tsctl -S "$(printf '/%0200d' 1)" ping # no socket's path is so long
expect 2 '' -

# --- Colour: only where it is asked for, or on a terminal ---
run tsctl --color always ot
expect 2 '' $'\033[1;31mtsctl:\033[0m no command \'ot\'
  the nearest is: tsctl out'
