# Kernel file systems, control groups, drivers, names.

mount_kernel_file_systems() {
  # What is mounted in one place shows in the others, as volumes with propagation expect.
  mount --make-rshared /
  mount -t tmpfs -o mode=0755,nosuid,nodev tmpfs /run
  mkdir -p /run/lock /run/sshd /run/tmachine /dev/pts /dev/shm /dev/mqueue
  chmod 1777 /run/lock
  mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
  mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs /dev/shm
  mount -t mqueue -o nosuid,nodev,noexec mqueue /dev/mqueue
  ln -snf /proc/self/fd /dev/fd
  ln -snf fd/0 /dev/stdin
  ln -snf fd/1 /dev/stdout
  ln -snf fd/2 /dev/stderr
  mount -t cgroup2 -o nosuid,nodev,noexec,nsdelegate cgroup2 /sys/fs/cgroup
  # dockerd reports the limits it finds in its own group; the root group has none.
  for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
    echo "+$controller" > /sys/fs/cgroup/cgroup.subtree_control
  done
  mkdir /sys/fs/cgroup/engine
  sysctl -qp /etc/sysctl.conf
  ip link set lo up
  hostname boot2docker
}

load_hardware_modules() {
  # shellcheck disable=SC2046
  modprobe -aqb ext4 sd_mod button evdev $(cat /sys/bus/pci/devices/*/modalias /sys/bus/virtio/devices/*/modalias \
    /sys/bus/vmbus/devices/*/modalias 2>/dev/null) 2>/dev/null
}

restore_hostname() {
  [ -s /var/lib/boot2docker/etc/hostname ] || return 0
  sethostname "$(cat /var/lib/boot2docker/etc/hostname)"
}

trust_extra_certificates() {
  for certificate in /var/lib/boot2docker/certs/*.pem /var/lib/boot2docker/certs/*.crt; do
    [ -f "$certificate" ] || continue
    { cat "$certificate"; echo; } >> /etc/ssl/certs/ca-certificates.crt
  done
}
