#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tsctl completion: what bash, fish and zsh complete, each as it does so itself.
# shellcheck disable=SC1091,SC2016,SC2154 # check.bash sets out, err, ...; $ in single quotes is meant
set -u
. "$TSD_SOURCE/tests/lib/check.bash"
with_daemon

waits_in() { # SPACE: one request does
    [ "$(tsctl spaces -f 4 "$1")" = 1 ]
}

candidates() { # WORD... -> the candidates for the last, without what they are
    tsctl completion words -- "$@" | cut -f 1 | tr '\n' ' '
}
completes() { # WANTED WORD...
    run candidates "${@:2}"
    expect 0 "$1"
}

# --- What may stand where, from the tables of commands and options ---
run tsctl completion words -- sp
expect 0 $'spaces\tlist the spaces\nspace\tmake spaces that stay, set and remove them'
run tsctl completion words --
expect 0 -
expect_that test "$(cut -f 1 <<<"$out")" = "$(tsctl help | sed -n '/^Commands:$/,/^$/s/^  \([a-z]*\) .*/\1/p')"
completes 'spaces space ' -q -s main --arg a b sp
completes 'create set rm ' space ''
completes 'set ' space se
completes '--capacity --color ' space create --c
completes '--timeout ' in --t
completes '' inp --t # which does not wait
completes '--output ' -o json --ou
completes 'notation json raw tsv sh table ' in -o ''
completes 'json ' in --output j
completes '--output=json ' in --output=j
completes 'put,taken ' watch --events put,ta
completes 'soon now ' work '["x"]' --halt ''
completes 'always ' --color al
completes 'bash zsh fish ' completion ''
completes 'chmod chown ' help ch
completes '' help chmod ''
completes 'spaces space ' -qsts sp # -q, and the space ts
completes '' frobnicate ''
completes '' out ''
completes '' in --arg ''
completes '' in --arg a ''
completes '' in -- --ou
run tsctl completion words -- in --rawfile name ''
expect 0 $'\tfile'
run tsctl completion words -- --socket=
expect 0 $'\tfile'
run tsctl completion words -- run -- ba
expect 0 $'\tcommand'
run tsctl completion words -- hold '["x"]' -- ls -l
expect 0 $'\tfile'
completes 'root ' space create --owner roo
completes 'root:root ' chown root:roo
completes ':root ' chown :roo
for format in notation json raw; do
    run tsctl scan -o "$format" -i "$format" # each that is offered is taken
    expect 1
done

# --- What the daemon tells; nothing where there is none ---
tsctl out -s jobs '[1]' '[2]'
tsctl out -s 'my own' '[1]'
tsctl out -s 'a:b' '[1]'
run tsctl completion words -- spaces ''
expect 0 $'a:b\t1 tuple\njobs\t2 tuples\nmy own\t1 tuple'
completes 'jobs ' spaces j
completes 'jobs ' -s j
completes '--space=jobs ' out --space=j
completes 'jobs ' space rm jo
completes 'jobs ' chmod 0700 jo
completes 'jobs ' collect --to j
run tsctl completion words -- spaces --socket "$scratch/none" ''
expect 0
run tsctl completion words -- -S "$scratch/none" kill ''
expect 0
run env TSD_SOCKET="$scratch/none" tsctl completion words -- stats ''
expect 0
tsctl in -s later '["never"]' 2>/dev/null &
waiter=$!
until_that waits_in later
run tsctl completion words -- kill ''
expect 0 -
expect_that grep -Eqx $'[0-9]+\t'"$(id -un) tsctl $waiter" <<<"$out"
expect_that test "$(wc -l <<<"$out")" = 1 # it does not offer itself

# --- bash ---
cat >"$scratch/complete.bash" <<'END_OF_FILE'
source <(tsctl completion bash)
complete -p tsctl
try() { # LINE WORD..., as readline cuts it
    COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=("${@:2}") COMP_CWORD=$(($# - 2))
    _tsctl
    printf '<%s>' "${COMPREPLY[@]}"
    echo
}
try 'tsctl sp' tsctl sp
try 'tsctl out --space j' tsctl out --space j
try 'tsctl out --space=' tsctl out --space =
try 'tsctl out --space=j' tsctl out --space = j
try 'tsctl spaces my' tsctl spaces my
try 'tsctl spaces my\ o' tsctl spaces 'my\ o'
try 'tsctl spaces a:' tsctl spaces a :
try 'tsctl chown :roo' tsctl chown : roo
try 'tsctl chown root:roo' tsctl chown root : roo
try 'tsctl in --rawfile f comple' tsctl in --rawfile f comple
try 'tsctl run -- mapfil' tsctl run -- mapfil
try 'tsctl rd --nothing' tsctl rd --nothing
END_OF_FILE
cd "$scratch" || exit 1
run bash complete.bash
expect 0 'complete -F _tsctl tsctl
<spaces><space>
<jobs>
<a:b><jobs><later><my\ own>
<jobs>
<my\ own>
<my\ own>
<b>
<root>
<root>
<complete.bash>
<mapfile>
<>'

# --- fish ---
untried=
if command -v fish >/dev/null; then
    fish_completes() { # LINE WANTED
        run env HOME="$scratch" XDG_CONFIG_HOME="$scratch" XDG_DATA_HOME="$scratch" \
            fish -c 'tsctl completion fish | source; complete -C$argv[1]' "$1"
        expect 0 "$2"
    }
    fish_completes 'tsctl spac' $'space\tmake spaces that stay, set and remove them\nspaces\tlist the spaces'
    fish_completes 'tsctl spaces j' $'jobs\t2 tuples'
    fish_completes 'tsctl -s jobs in -o j' 'json'
    fish_completes 'tsctl out --space=j' $'--space=jobs\t2 tuples'
    fish_completes 'tsctl in --rawfile f compl' 'complete.bash'
    fish_completes 'tsctl frob x' ''
else
    untried+=' fish'
fi

# --- zsh: a line editor of its own, in a terminal of its own ---
if command -v zsh >/dev/null; then
    tsctl completion zsh >"$scratch/_tsctl"
    run zsh -n "$scratch/_tsctl"
    expect 0
    cat >"$scratch/complete.zsh" <<'END_OF_FILE'
zmodload zsh/zpty
zpty editor zsh -fi
zpty -w editor "PS1= TERM=dumb; unsetopt zle_bracketed_paste beep; fpath+=($3); autoload -Uz compinit; compinit -D -u"
zpty -w editor "$2; dump() { print -r -- \$BUFFER >$1/dumped; mv $1/dumped $1/buffer; zle kill-whole-line }"
zpty -w editor "zle -N dump; bindkey '^X' dump; touch $1/ready"
until_there() { # FILE; what the editor shows meanwhile is read, or it would wait
    while [[ ! -e $1 ]]; do zpty -rt editor shown || sleep 0.01; done
}
until_there $1/ready
while IFS= read -r line; do
    zpty -n -w editor "$line"$'\t\x18'
    until_there $1/buffer
    cat $1/buffer
    rm $1/buffer
done
zpty -d editor
END_OF_FILE
    # as it is found by itself, as packages install it
    run timeout 60 zsh -f "$scratch/complete.zsh" "$scratch" : "$scratch" <<<'tsctl stat
tsctl spac'
    expect 0 'tsctl stats 
tsctl space'
    rm "$scratch/ready"
    run timeout 60 zsh -f "$scratch/complete.zsh" "$scratch" "source $scratch/_tsctl" <<<'tsctl stat
tsctl out --space jo
tsctl out --space=jo
tsctl -s jobs in -o js
tsctl spaces my
tsctl stats a:
tsctl in --rawfile f complete.ba'
    expect 0 'tsctl stats 
tsctl out --space jobs 
tsctl out --space=jobs 
tsctl -s jobs in -o json 
tsctl spaces my\ own 
tsctl stats a:b 
tsctl in --rawfile f complete.bash '
else
    untried+=' zsh'
fi

# --- Wrong use ---
for words in '' 'tcsh' 'bash zsh' 'words'; do
    # shellcheck disable=SC2086 # words
    run tsctl completion $words
    expect 2 '' 'tsctl: completion needs the name of a shell
  there are bash, zsh and fish'
done
kill $waiter
wait $waiter 2>/dev/null
[ -z "$untried" ] || echo "not tried, as they are not here:$untried"
