# Completion and prompt of tmachine for fish. In ~/.config/fish/config.fish: tmachine completion fish | source

function __tmachine_complete
    set -l before (commandline -xpc 2>/dev/null; or commandline -opc)
    set -e before[1]
    set -l current (commandline -ct)
    for line in (command @tmachine@ __complete fish $before "$current" 2>/dev/null)
        switch $line
            case ':files'
                __tmachine_paths __fish_complete_path "$current"
            case ':folders'
                __tmachine_paths __fish_complete_directories "$current"
            case ':'
            case '*'
                printf '%s\n' $line
        end
    end
end

# Lists paths; the option before them stays: --output=FILE.
function __tmachine_paths
    set -l option (string match -r -- '^-[^=]*=' "$argv[2]")
    for path in ($argv[1] (string replace -r -- '^-[^=]*=' '' "$argv[2]"))
        printf '%s\n' "$option$path"
    end
end

complete -c tmachine -e
complete -c tmachine -f -k -a '(__tmachine_complete)'

# The machine this shell works with, for fish_prompt: printf '%s' (__docker_machine_ps1 ' [%s]')
function __docker_machine_ps1
    set -l format ' [%s]'
    set -q argv[1]; and set format $argv[1]
    test -n "$DOCKER_MACHINE_NAME"; and printf $format $DOCKER_MACHINE_NAME
    return 0
end
