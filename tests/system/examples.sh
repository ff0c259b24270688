#!/bin/sh
# SPDX-License-Identifier: MIT
# The examples do what they say: sum prints the sum and gives up waiting for more; those of atomic
# units, holds and barriers count themselves whether they went right; wordcount, and
# wordcount.sh, find as many words as wc -w, whatever is in the files; loop prints what comes until
# a signal, and takes nothing more after it.
set -eu

examples=$TSD_BUILD/examples
cd "$TMPDIR"
status=0

same() { # what, found, expected
    [ "$2" = "$3" ] || {
        printf '%s: found "%s", not "%s"\n' "$1" "$2" "$3"
        status=1
    }
}

printf 'sum: 46\nno more sums\n' >expected
tsctl run -- "$examples/sum" >sum
cmp sum expected || status=1

# Each starts a daemon of its own, is right whatever comes first, and leaves nothing behind.
export TSD_DAEMON="$TSD_BUILD/tsd"
example() { # name, output
    same "$1" "$("$examples/$1" 2>&1)" "$2"
}
example philosophers '500 meals, 0 times neighbours ate at once'
example compare_and_swap '200 changes, balance 333, should be 333'
example insert_if_absent '20 names, 20 claims won, 20 leaders'
example barrier '4 workers, 50 steps, 0 times out of step'
example semaphore 'never more than 3 inside at once, 4 crashed, 3 permits'
example last_one_out '12 left, 1 of them as the last one; light: 0, dark: 1'
left=$(find "$TMPDIR" -name 'tsclient-*')
same 'left of private daemons' "$left" ''
unset TSD_DAEMON

# Their shell lines. A comment's line break in one is the shell's own.
cat >lines.sh <<'END'
tsctl out '["balance", 100]'
tsctl atomic -q -t 0 --in '["balance", 100]' --out '["balance", 90]' || echo 'somebody was faster'
tsctl atomic -q -t 0 --in '["balance", 100]' --out '["balance", 80]' || echo 'somebody was faster'
tsctl inp '["balance", ?]'
for name in me you; do
    tsctl atomic -q -t 0 --absent '["leader", ...]' --out '["leader", "'$name'"]' && echo "$name leads"
done
for i in 1 2 3; do
    (tsctl out '["arrived", 1]' && tsctl rd -q -n 3..3 '["arrived", 1]') &
done
wait
tsctl out '["permit"]'
tsctl hold '["permit"]' -- tsctl count '["permit"]'
tsctl count '["permit"]'
tsctl out '["light"]' '["present", 2]'
for i in 1 2; do
    tsctl atomic -q -t 0 --in '["present", 1]' --in '["light"]' --out '["dark"]' ||
        tsctl atomic -q --in '["present", >1]' --out '["present", $1.2-1]'
done
tsctl inp '["dark"]'
END
# That of barrier, as it stands there, is one: who is alone does not get by.
sed -n 's/^ \* *\(tsctl out .*\) rd /\1 rd -t 0 /p' "$TSD_SOURCE/contrib/examples/barrier.c" >barrier.sh
for i in 1 2 3 4; do echo 'sh barrier.sh && echo passed'; done >barriers.sh
same "barrier's line" "$(tsctl run -- sh barriers.sh)" passed

same 'the shell lines' "$(tsctl run -- sh lines.sh)" 'somebody was faster
["balance",90]
me leads
0
1
["dark"]'

# Real text, and what is hardly any: bad UTF-8, characters that do not print, blanks of all kinds.
mkdir files
printf 'no end of line' >files/a
printf '' >files/empty
printf 'caf\351 \351 \342\202 x\303\251 \302\251 \001 \302\240y\342\200\207z \342\200\250\n' >files/bad
printf 'zero\000byte \000 \177 form\ffeed tab\tv\vr\r\n\n\n' >files/control
head -c 200000 "$examples/wordcount" >files/binary
awk 'BEGIN { for (i = 0; i < 400000; i++) print "a line of words, number", i }' >files/large
awk 'BEGIN { for (i = 0; i < 900000; i++) printf "a line without end " }' >files/long
cp "$TSD_SOURCE"/client/*.[ch] "$TSD_SOURCE"/man/*.[1-8] "$TSD_SOURCE"/*.md files
i=0
while [ $i -lt 300 ]; do
    i=$((i + 1))
    echo "one of many files, number $i" >"files/name with blanks $i"
done

for locale in C C.UTF-8; do
    export LC_ALL=$locale
    wanted=$(wc -w files/* | awk 'END { print $1 }')
    same "wordcount in $locale" "$(tsctl run -- "$examples/wordcount" -j4 files/*)" "$wanted"
    for file in files/bad files/control files/binary; do
        same "wordcount $file in $locale" "$(tsctl run -- "$examples/wordcount" -j2 "$file")" \
            "$(wc -w <"$file")"
    done
done
rm files/name*
same wordcount.sh "$(tsctl run -- "$TSD_SOURCE/contrib/examples/wordcount.sh" files/*)" \
    "$(wc -w files/* | awk 'END { print $1 }')"

# A file that is not there is said, and the others are counted.
if found=$(tsctl run -- "$examples/wordcount" files/a files/missing 2>error); then
    echo "wordcount of a missing file: status 0"
    status=1
fi
same "wordcount beside a missing file" "$found" 4
grep -q 'files/missing: No such file' error || status=1

# The manual's program is that one: see tests/system/pages.sh.
cat >loop.sh <<'END'
"$TSD_BUILD/examples/loop" >printed &
tsctl out '["print", "first"]' '["other", "of nobody"]' '["print", "second \u00e9"]'
tsctl in -q '["printed", "second \u00e9"]'
kill $!
wait $! || echo "status $?"
tsctl out '["print", "late"]'
tsctl inp -n all '[...]'
END
same loop "$(tsctl run -- sh loop.sh)" '["other","of nobody"]
["printed","first"]
["print","late"]'
same 'what loop printed' "$(cat printed)" 'first
second é'
if TSD_SOCKET=$PWD/nowhere "$examples/loop" 2>error; then
    echo 'loop without a daemon: status 0'
    status=1
fi
grep -q "^loop: .*$PWD/nowhere" error || status=1

exit $status
