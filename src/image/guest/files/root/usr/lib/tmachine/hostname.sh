# Names the machine until it ends.

set_hostname() {
  echo "$1" > /proc/sys/kernel/hostname
  echo "$1" > /etc/hostname
  printf '127.0.0.1\tlocalhost\n127.0.1.1\t%s\n::1\tlocalhost ip6-localhost ip6-loopback\n' "$1" > /etc/hosts
}
