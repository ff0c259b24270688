# Completion of tsctl for bash, printed by: tsctl completion bash
_tsctl() {
    local i word line kept rest=${COMP_LINE-} program=${COMP_WORDS[0]/#\~\//$HOME/}
    local -a words=() names=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if ((i > 1)) && [[ -n $rest && -n $word && $rest == "$word"* ]]; then
            words[-1]+=$word
        else
            words+=("$word")
        fi
        rest=${rest#*"$word"}
    done
    for i in "${!words[@]}"; do
        word=${words[i]//\\/}
        words[i]=${word#[\'\"]}
    done
    word=${words[-1]} kept=${word%"${word##*[=:]}"} COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            $'\tfile') mapfile -t names < <(compgen -f -- "${word#"$kept"}") ;;
            $'\tcommand') mapfile -t names < <(compgen -c -- "$word") ;;
            *) printf -v line %q "${line%%$'\t'*}" && COMPREPLY+=("${line#"$kept"}") ;;
        esac
    done < <("$program" completion words -- "${words[@]:1}" 2>/dev/null)
    ((${#names[@]} == 0)) || { COMPREPLY=("${names[@]}") && compopt -o filenames; } 2>/dev/null
}
complete -F _tsctl tsctl
