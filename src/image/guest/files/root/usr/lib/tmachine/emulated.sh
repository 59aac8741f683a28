# Where software emulates the processor, a program is translated again for each place it is loaded at, which takes short ones
# longer than their work. Prints what goes before a program there, so that it and all it starts have the same addresses each
# time. `linux64` alone takes that back, for what goes on running.
fixed_addresses() {
  while read -r line; do
    case $line in
      'model name'*'QEMU TCG'*) echo 'linux64 -R' && return ;;
      flags*) return ;;
    esac
  done < /proc/cpuinfo
}
