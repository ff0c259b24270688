#!/bin/sh
# SPDX-License-Identifier: MIT
# wordcount.sh: counts the words of files with a pool of workers, from the shell.
#
#     tsctl run -- wordcount.sh FILE...
#
# A task is a tuple ["file", name]. tsctl work runs wc for each, four at a time; a task is finished and
# its result put in one unit, so that none is lost or counted twice, whatever is killed meanwhile. One
# that failed three times is given up, and said.
# shellcheck disable=SC2016 # $line and $output are tsctl's: values go in by name
set -eu

TSD_SPACE=wordcount.$$ # of this run alone
export TSD_SPACE

[ $# -gt 0 ] || {
    echo "usage: wordcount.sh FILE..." >&2
    exit 2
}
printf '%s\0' "$@" | tsctl out -0 --each '["file", $line]' -
status=0
tsctl work -j4 --drain --max-returns 2 --result '["words", $output]' '["file", ?str]' -- \
    sh -c 'wc -w <"$TSD_2"' || status=$?
tsctl inp -n all -f 2 '["words", ?str]' | awk '{ total += $1 } END { print total + 0 }'
exit $status
