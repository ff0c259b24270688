/* SPDX-License-Identifier: MIT */
/*
 * The scripts that hand the words of a command line to tsctl, and its candidates to the shell.
 */
#include <string.h>

#include "tsctl/completion.h"

/*
 * readline cuts words also at = and at : (COMP_WORDBREAKS), without blanks between: here they are put
 * together again, and of a candidate is told what stands behind the last of these marks.
 */
static const char bash[] =
    "# Completion of tsctl for bash, printed by: tsctl completion bash\n"
    "_tsctl() {\n"
    "    local i word line kept rest=${COMP_LINE-} program=${COMP_WORDS[0]/#\\~\\//$HOME/}\n"
    "    local -a words=() names=()\n"
    "    for ((i = 0; i <= COMP_CWORD; i++)); do\n"
    "        word=${COMP_WORDS[i]}\n"
    "        if ((i > 1)) && [[ -n $rest && -n $word && $rest == \"$word\"* ]]; then\n"
    "            words[-1]+=$word\n"
    "        else\n"
    "            words+=(\"$word\")\n"
    "        fi\n"
    "        rest=${rest#*\"$word\"}\n"
    "    done\n"
    "    for i in \"${!words[@]}\"; do\n"
    "        word=${words[i]//\\\\/}\n"
    "        words[i]=${word#[\\'\\\"]}\n"
    "    done\n"
    "    word=${words[-1]} kept=${word%\"${word##*[=:]}\"} COMPREPLY=()\n"
    "    while IFS= read -r line; do\n"
    "        case $line in\n"
    "            $'\\tfile') mapfile -t names < <(compgen -f -- \"${word#\"$kept\"}\") ;;\n"
    "            $'\\tcommand') mapfile -t names < <(compgen -c -- \"$word\") ;;\n"
    "            *) printf -v line %q \"${line%%$'\\t'*}\" && COMPREPLY+=(\"${line#\"$kept\"}\") "
    ";;\n"
    "        esac\n"
    "    done < <(\"$program\" completion words -- \"${words[@]:1}\" 2>/dev/null)\n"
    "    ((${#names[@]} == 0)) || { COMPREPLY=(\"${names[@]}\") && compopt -o filenames; } "
    "2>/dev/null\n"
    "}\n"
    "complete -F _tsctl tsctl\n";

static const char zsh[] =
    "#compdef tsctl\n"
    "# Completion of tsctl for zsh, printed by: tsctl completion zsh\n"
    "_tsctl() {\n"
    "    local line text\n"
    "    local -a lines found\n"
    "    lines=(\"${(@f)$(\"${(Q)words[1]}\" completion words -- \\\n"
    "        \"${(@Q)words[2,CURRENT-1]}\" \"${(Q)PREFIX}\" 2>/dev/null)}\")\n"
    "    for line in $lines; do\n"
    "        case $line in\n"
    "            ($'\\tfile') _files ;;\n"
    "            ($'\\tcommand') _command_names -e ;;\n"
    "            (*) text=${line%%$'\\t'*} found+=(\"${text//:/\\\\:}:${line#*$'\\t'}\") ;;\n"
    "        esac\n"
    "    done\n"
    "    (( $#found == 0 )) || _describe tsctl found\n"
    "}\n"
    "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n"
    "    _tsctl \"$@\"\n"
    "else\n"
    "    compdef _tsctl tsctl\n"
    "fi\n";

static const char fish[] =
    "# Completion of tsctl for fish, printed by: tsctl completion fish\n"
    "function __tsctl_complete\n"
    "    set -l words (commandline -opc)\n"
    "    set -l word (commandline -ct)\n"
    "    set -l program $words[1]\n"
    "    set -e words[1]\n"
    "    for line in ($program completion words -- $words \"$word\" 2>/dev/null)\n"
    "        switch $line\n"
    "            case \\tfile\n"
    "                __fish_complete_path \"$word\"\n"
    "            case \\tcommand\n"
    "                complete -C \"$word\"\n"
    "            case '*'\n"
    "                printf '%s\\n' $line\n"
    "        end\n"
    "    end\n"
    "end\n"
    "complete -c tsctl -f -a '(__tsctl_complete)'\n";

const char *completion_script(const char *shell)
{
    return strcmp(shell, "bash") == 0   ? bash
           : strcmp(shell, "zsh") == 0  ? zsh
           : strcmp(shell, "fish") == 0 ? fish
                                        : NULL;
}
