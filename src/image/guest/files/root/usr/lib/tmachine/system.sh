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
  ln -sn /proc/self/fd /dev/fd
  ln -s fd/0 /dev/stdin
  ln -s fd/1 /dev/stdout
  ln -s fd/2 /dev/stderr
  mount -t cgroup2 -o nosuid,nodev,noexec,nsdelegate cgroup2 /sys/fs/cgroup
  # dockerd reports the limits it finds in its own group; the root group has none.
  read -r controllers < /sys/fs/cgroup/cgroup.controllers
  for controller in $controllers; do
    echo "+$controller" > /sys/fs/cgroup/cgroup.subtree_control
  done
  mkdir /sys/fs/cgroup/engine
  sysctl -qp /etc/sysctl.conf
  ip link set lo up
  hostname boot2docker
}

# Network cards and all virtio devices, VirtualBox's channel to its computer, and the file system of the data disk.
load_first_modules() {
  # shellcheck disable=SC2046
  modprobe -aqb ext4 $(cat /sys/bus/pci/devices/*/modalias /sys/bus/virtio/devices/*/modalias | grep -E 'bc02|v000080EE|^virtio')
}

# Everything else. Drivers of disk controllers take up to a second, so they wait until the data disk is looked for in vain.
load_other_modules() {
  # shellcheck disable=SC2046
  modprobe -aqb sd_mod sr_mod $(cat /sys/bus/pci/devices/*/modalias /sys/bus/vmbus/devices/*/modalias 2>/dev/null)
}

restore_hostname() {
  [ -s /var/lib/boot2docker/etc/hostname ] || return 0
  read -r name < /var/lib/boot2docker/etc/hostname
  . /usr/lib/tmachine/hostname.sh
  set_hostname "$name"
}

trust_extra_certificates() {
  for certificate in /var/lib/boot2docker/certs/*.pem /var/lib/boot2docker/certs/*.crt; do
    [ -f "$certificate" ] || continue
    { cat "$certificate"; echo; } >> /etc/ssl/certs/ca-certificates.crt
  done
}
