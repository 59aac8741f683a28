#compdef tmachine
# Completion and prompt of tmachine for zsh. In ~/.zshrc, after compinit: eval "$(tmachine completion zsh)"

_tmachine() {
    local line value paths=''
    local -a before whole open
    before=("${(@Q)words[2,CURRENT-1]}")
    (( CURRENT > 2 )) || before=()
    for line in "${(@f)$(command @tmachine@ __complete zsh "${before[@]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
        value=${line%%$'\t'*}
        case $line in
            :*) paths=${line#:} ;;
            # What is to go on after = or : gets no blank.
            ?*[=:]$'\t'*) open+=("${value//:/\\:}:${line#*$'\t'}") ;;
            ?*) whole+=("${value//:/\\:}:${line#*$'\t'}") ;;
        esac
    done
    local found=1
    (( $#whole )) && _describe -V 'tmachine' whole && found=0
    (( $#open )) && _describe -V 'tmachine' open -S '' && found=0
    [[ $PREFIX == -*=* ]] && compset -P '-*='
    case $paths in
        files) _files && found=0 ;;
        folders) _files -/ && found=0 ;;
    esac
    return found
}

# The machine this shell works with, for the prompt: setopt prompt_subst; PROMPT='%~$(__docker_machine_ps1 " [%s]")%# '
__docker_machine_ps1() {
    [[ -z ${DOCKER_MACHINE_NAME-} ]] || printf -- "${1:- [%s]}" "${DOCKER_MACHINE_NAME//\%/%%}"
}

# As a file _tmachine in a folder of fpath this is the function itself.
if [[ ${funcstack[1]-} == _tmachine ]]; then
    _tmachine "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
    compdef _tmachine tmachine
fi
