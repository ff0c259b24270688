# Completion of tsctl for fish, printed by: tsctl completion fish
function __tsctl_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    for line in ($program completion words -- $words "$word" 2>/dev/null)
        switch $line
            case \tfile
                __fish_complete_path "$word"
            case \tcommand
                complete -C "$word"
            case '*'
                printf '%s\n' $line
        end
    end
end
complete -c tsctl -f -a '(__tsctl_complete)'
