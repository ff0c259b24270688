#!/bin/sh
# SPDX-License-Identifier: MIT
# wordcount.sh: counts the words of files with a pool of workers, from the shell.
#
#     tsctl run -- wordcount.sh FILE...
#
# A task is a tuple ["file", name]; whoever of the workers is free takes the next one, counts it with
# wc and puts ["words", n].
# shellcheck disable=SC2016 # $n and $line are tsctl's: values go in by name
set -eu

workers=4
TSD_SPACE=wordcount.$$ # of this run alone
export TSD_SPACE

work() {
    while name=$(tsctl inp -f 2 '["file", ?str]'); do
        words=$(wc -w <"$name") || words=0
        tsctl out --argjson n "$((words))" '["words", $n]'
    done
}

[ $# -gt 0 ] || {
    echo "usage: wordcount.sh FILE..." >&2
    exit 2
}
printf '%s\0' "$@" | tsctl out -0 --each '["file", $line]' -
i=0
while [ $i -lt $workers ]; do
    work &
    i=$((i + 1))
done
wait
tsctl inp -n all -f 2 '["words", ?int]' | awk '{ total += $1 } END { print total + 0 }'
