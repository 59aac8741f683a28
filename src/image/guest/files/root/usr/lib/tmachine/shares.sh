# Folders of the hypervisor's computer: 9p under QEMU, vboxsf under VirtualBox. Each is mounted under its own name.

mount_shares() {
  for tag in /sys/bus/virtio/drivers/9pnet_virtio/*/mount_tag; do
    [ -f "$tag" ] && mount_9p "$(tr -d '\0' < "$tag")"
  done
  [ -d /sys/module/vboxguest ] && mount_vboxsf
  return 0
}

mount_9p() {
  mkdir -p "/$1"
  mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,access=any "$1" "/$1"
}

# The kernel cannot list VirtualBox's shared folders, so those docker-machine makes are tried, and those named, one a
# line, in /var/lib/boot2docker/shares.
mount_vboxsf() {
  modprobe -q vboxsf || return
  {
    printf '%s\n' Users c/Users hosthome
    cat /var/lib/boot2docker/shares 2>/dev/null
  } | while read -r name; do
    [ -n "$name" ] || continue
    mkdir -p "/$name"
    mount -t vboxsf -o "uid=$(id -u docker),gid=$(id -g docker)" "$name" "/$name" 2>/dev/null || rmdir -p "/$name" 2>/dev/null
  done
}
