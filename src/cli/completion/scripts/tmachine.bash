# Completion and prompt of tmachine for bash. In ~/.bashrc: eval "$(tmachine completion bash)"

_tmachine() {
    local line paths='' typed=${COMP_WORDS[COMP_CWORD]}
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            :*) paths=${line#:} ;;
            ?*) COMPREPLY+=("${line%%$'\t'*}") ;;
        esac
    done <<< "$(command @tmachine@ __complete bash "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)"
    # What is to go on after = or : gets no blank. bash before 4 has no compopt, and adds files of its own accord.
    case ${COMPREPLY[0]-} in *[=:]) compopt -o nospace 2>/dev/null ;; esac
    case $paths in
        files) _tmachine_add_files "$typed" ;;
        folders) compopt -o dirnames 2>/dev/null ;;
    esac
}

# readline alone knows how to complete a name with quotes in it, but does so only where there is nothing else.
_tmachine_add_files() {
    local file quoted
    case $1 in *[\\\'\"\~\$]*) COMPREPLY=() ;; esac
    if [ "${#COMPREPLY[@]}" -eq 0 ]; then
        compopt -o default 2>/dev/null
        return
    fi
    compopt -o nospace 2>/dev/null
    while IFS= read -r file; do
        [ -n "$file" ] || continue
        printf -v quoted %q "$file"
        if [ -d "$file" ]; then COMPREPLY+=("$quoted/"); else COMPREPLY+=("$quoted "); fi
    done <<< "$(compgen -f -- "$1")"
}

if type compopt >/dev/null 2>&1; then
    complete -F _tmachine tmachine
else
    complete -o default -F _tmachine tmachine
fi

# The machine this shell works with, for the prompt: PS1='\u@\h:\w$(__docker_machine_ps1 " [%s]")\$ '
__docker_machine_ps1() {
    # shellcheck disable=SC2059
    if [ -n "${DOCKER_MACHINE_NAME-}" ]; then printf -- "${1:- [%s]}" "$DOCKER_MACHINE_NAME"; fi
}
