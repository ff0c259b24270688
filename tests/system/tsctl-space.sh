#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tsctl collect, copy, clear, space; what spaces shows of it.
# shellcheck disable=SC1091,SC2016,SC2154 # check.bash sets out, err, ...; $ in single quotes is meant
set -u
. "$TSD_SOURCE/tests/lib/check.bash"
with_daemon

waits() { # somebody waits in the space later
    [ "$(tsctl spaces -f 4 later)" -gt 0 ]
}

user=$(id -un) group=$(id -gn) # whose spaces are, as wide as their columns
printf -v heads "%-${#user}s  %-${#group}s  MODE" OWNER GROUP
printf -v cells '%-5s  %-5s  rwt------' "$user" "$group"

# --- All that match, to another space ---
tsctl out '["t", 1]' '["u", 0]' '["t", 2]' '["t", 3]'
run tsctl copy --to mirror '["t", ?]'
expect 0 3
run tsctl scan -s mirror
expect 0 $'["t",1]\n["t",2]\n["t",3]'
run tsctl collect --to 'done' -n 2 '["t", ?]'
expect 0 2
run tsctl scan -s 'done' -f 2
expect 0 $'1\n2'
run tsctl scan
expect 0 $'["u",0]\n["t",3]'
run tsctl collect -q --to 'done' '["t", ?]'
expect 0
run tsctl collect --to 'done' '["t", ?]'
expect 1 0
run tsctl copy --to 'done' '["t", ?]'
expect 1 0
run tsctl copy -n 1 --to mirror '["u", ?]'
expect 0 1
seq -f '[%g]' 20000 | tsctl out -s many - # more than a unit
run tsctl copy -s many --to some '[?]'
expect 0 20000
run tsctl scan -s some -n 1..1 '[20000]'
expect 0 '[20000]'
run tsctl copy -s many --to few -n 17000 '[?]'
expect 0 17000
run tsctl collect -s many --to other -n 17000 '[?]'
expect 0 17000
run tsctl collect -s many --to other '[?]'
expect 0 3000
run tsctl count -s other
expect 0 20000

# --- Deleted: never without being asked, or told ---
run tsctl clear '["u", ?]'
expect 2 '' 'tsctl: clear: nobody can be asked, as standard input is no terminal
  --yes deletes without asking'
run tsctl clear --yes '["u", ?]'
expect 0 1
run tsctl clear --yes '["u", ?]'
expect 1 0
run tsctl clear --yes --all -s other
expect 0 20000
run tsctl clear --yes
expect 2 '' "tsctl: clear needs a pattern, or --all
  such as tsctl clear '[\"task\", ...]'"
run tsctl clear --yes --all '["a"]'
expect 2 '' 'tsctl: clear: a pattern or --all, not both'

# --- Spaces that stay; their attributes ---
for space in some few mirror 'done'; do tsctl clear -q --yes --all -s "$space"; done
run tsctl space create --capacity 2 jobs later
expect 0
run tsctl spaces
expect 0 "NAME   TUPLES  BYTES  WAITING  KEPT  $heads
jobs        0      0        0     0  $cells
later       0      0        0     0  $cells

NAME   CAPACITY
jobs          2
later         2"
run tsctl space set --capacity none --max-returns 1 --dead-letter failed jobs
expect 0
run tsctl spaces -o json jobs
expect 0 '{"name":"jobs","tuples":0,"bytes":0,"waiting":0,"kept":0,"delayed":0,"watches":0,"capacity":null,"max-returns":1,"dead-letter":"failed","owner":"'"$user"'","group":"'"$group"'","mode":"rwt------"}'
tsctl out -s jobs --delay 1h '["later"]'
run tsctl spaces jobs
expect 0 "NAME  TUPLES  BYTES  WAITING  KEPT  $heads
jobs       0      0        0     0  $cells

NAME  DELAYED  MAX-RETURNS  DEAD-LETTER
jobs        1            1  failed"
tsctl out -s jobs '["bad"]'
for _ in 1 2; do tsctl -s jobs hold --finish '["bad"]' -- false; done
run tsctl scan -s failed --state -o tsv
expect 0 -
expect_that test "$(cut -f 1,6,9,10,11 <<<"$out")" = $'stored\t["bad"]\t2\treleased\t1'
run tsctl space set --max-returns none --dead-letter '' jobs
expect 0
run tsctl spaces -o tsv jobs
expect 0 $'jobs\t0\t0\t0\t0\t1\t0\tnull\tnull\tnull\t'"$user"$'\t'"$group"$'\trwt------'

# --- Room: out waits, or says that there was none ---
run tsctl out -s later '[1]' '[2]'
expect 0
run tsctl out -s later -t 20ms '[3]'
expect 3 '' 'tsctl: the space later was full for the time of -t: nothing was put'
run tsctl out -s later -t 0 '[3]'
expect 4 '' -
run tsctl out -s later '[1]' '[2]' '[3]' # never
expect 4 '' -
run bash -c 'printf "[3]\n" | tsctl out -s later -t 20ms -'
expect 3 '' 'tsctl: the space later was full for the time of -t: nothing was put
  nothing went in'
tsctl out '["x"]'
run tsctl collect --to later '["x"]'
expect 4 '' -
tsctl out -s later '[3]' &
putter=$!
until_that waits
run tsctl in -s later '[1]'
expect 0 '[1]'
wait $putter
expect_that test $? = 0
run tsctl scan -s later -f 1
expect 0 $'2\n3'
# ^C ends one that waits for room, and says what went in
mkfifo "$scratch/input"
tsctl out -s later - <"$scratch/input" 2>"$scratch/said" &
putter=$!
exec 5>"$scratch/input"
echo '[4]' >&5
until_that waits
kill -TERM $putter
wait $putter
expect_that test $? = 143
exec 5>&-
run cat "$scratch/said"
expect 0 $'tsctl: interrupted\n  nothing went in'
run tsctl count -s later
expect 0 2

# --- Removed ---
run tsctl space rm later
expect 4 '' -
expect_that test "$(tail -n 1 <<<"$err")" = '  --force removes it with all that is in it'
tsctl in -s later '["never"]' 2>"$scratch/said" &
waiter=$!
until_that waits
run tsctl space rm --force later
expect 0
wait $waiter
expect_that test $? = 4
run tsctl space rm later
expect 1 '' 'tsctl: there is no space later'
run tsctl space set --capacity 5 later
expect 1 '' 'tsctl: there is no space later
  to make it: tsctl space create later'
run tsctl spaces later
expect 1

# --- Wrong use ---
run tsctl space
expect 2 '' 'tsctl: space needs to be told what to do
  tsctl space create NAME, set NAME, rm NAME; tsctl spaces lists them'
run tsctl space crate x
expect 2 '' "tsctl: space does not know 'crate'
  the nearest is: tsctl space create"
run tsctl space create
expect 2 '' 'tsctl: space create needs the name of a space'
run tsctl space create ''
expect 2 '' -
run tsctl space create --dead-letter a a
expect 2 '' -
run tsctl space rm --capacity 5 x
expect 2 '' 'tsctl: space rm takes no attributes'
run tsctl space create --force x
expect 2 '' 'tsctl: space create has no option --force: rm has it'
run tsctl space set x
expect 2 '' 'tsctl: space set needs something to set
  --capacity, --max-returns, --dead-letter, --owner, --group or --mode'
run tsctl space create --capacity 0 x
expect 2 '' "tsctl: --capacity: '0' is not a number of tuples
  a whole number from 1, or none for no bound"
run tsctl space create --max-returns -1 x
expect 2 '' "tsctl: --max-returns: '-1' is not a number of returns
  a whole number from 0, or none for no bound"
run tsctl collect '["a"]'
expect 2 '' 'tsctl: collect needs --to, the space that they go to
  to delete them: tsctl clear'
run tsctl copy '["a"]'
expect 2 '' "tsctl: copy needs --to, the space that they go to
  such as tsctl copy --to mirror '[...]'"
run tsctl copy --to main '["a"]'
expect 2 '' -
run tsctl collect --to x -n 2..3 '["a"]'
expect 2 '' 'tsctl: --count: collect does not wait, so it takes N or all, not M..N'
run tsctl collect --to x
expect 2 '' "tsctl: collect needs a pattern
  such as tsctl collect '[\"task\", ...]'"
