# The disk that keeps /var/lib/docker, /var/lib/boot2docker and /tmp.

magic='boot2docker, please format-me'
seed_bytes=65536

prepare_data_disk() {
  find_data_disk || { load_other_modules && find_data_disk; }
  [ -n "$data$disk" ] || disk=$(find_biggest_blank_disk)
  if [ -z "$data" ]; then
    [ -n "$disk" ] || return 0
    format_disk "$disk"
  fi
  mount_data "$data"
}

# Sets $data to a data partition, or $disk to a disk that asks to become one, whose seed it takes.
find_data_disk() {
  data=$(find_data_partition)
  [ -n "$data" ] && return
  disk=$(find_marked_disk)
  [ -n "$disk" ] && take_seed "$disk"
}

# Names of block devices, partitions or whole disks, that can be the data disk.
list_disks() {
  for entry in /sys/class/block/*; do
    name=${entry##*/}
    case $name in sr* | loop* | ram* | fd* | zram* | dm-* | md* | nbd*) continue ;; esac
    [ "$1" = partition ] && [ ! -e "$entry/partition" ] && continue
    [ "$1" = disk ] && [ -e "$entry/partition" ] && continue
    echo "$name"
  done
}

find_data_partition() {
  for name in $(list_disks partition); do
    # An ext file system has its 16-byte label at 1024 + 120.
    [ "$(dd if="/dev/$name" bs=8 skip=143 count=2 2>/dev/null | tr -d '\0')" = boot2docker-data ] && echo "$name" && return
  done
}

find_marked_disk() {
  for name in $(list_disks disk); do
    [ "$(dd if="/dev/$name" bs=${#magic} count=1 2>/dev/null | tr -d '\0')" = "$magic" ] && echo "$name" && return
  done
}

find_biggest_blank_disk() {
  for name in $(list_disks disk); do
    [ "$(cat "/sys/class/block/$name/ro")" = 0 ] || continue
    [ "$(dd if="/dev/$name" bs=1M count=1 2>/dev/null | tr -d '\0' | head -c 1 | wc -c)" = 0 ] || continue
    echo "$(cat "/sys/class/block/$name/size") $name"
  done | sort -rn | head -n 1 | cut -d ' ' -f 2
}

# Copies the start of the disk, a tar, and wipes it: it may hold private keys, and the partition table takes its place.
take_seed() {
  mkdir -p /run/tmachine/seed
  chmod 700 /run/tmachine/seed
  dd if="/dev/$1" of=/run/tmachine/seed.tar bs=$seed_bytes count=1 2>/dev/null
  tar -xf /run/tmachine/seed.tar -C /run/tmachine/seed 2>/dev/null
  rm -f /run/tmachine/seed.tar
  dd if=/dev/zero of="/dev/$1" bs=$seed_bytes count=1 conv=fsync 2>/dev/null
}

# Sets $data to the new data partition.
format_disk() {
  megabytes=$(($(cat "/sys/class/block/$1/size") / 2048))
  data_size=
  [ "$megabytes" -gt 2500 ] && data_size="size=$((megabytes - 1002))MiB,"
  {
    echo 'label: gpt'
    echo "$data_size type=linux, name=boot2docker-data"
    [ -n "$data_size" ] && echo 'type=swap, name=boot2dockerswap'
  } | sfdisk -q --wipe never --no-tell-kernel "/dev/$1"
  blockdev --rereadpt "/dev/$1"
  separator=
  case $1 in *[0-9]) separator=p ;; esac
  data=$1${separator}1
  # Only a disk tmachine made is known to be all zeros; elsewhere the inode tables must be written.
  zeroed=
  [ -d /run/tmachine/seed/tmachine ] && zeroed='-E assume_storage_prezeroed=1'
  # shellcheck disable=SC2086
  /usr/sbin/mke2fs -q -F -t ext4 -i 8192 -m 1 -L boot2docker-data $zeroed "/dev/$data"
  [ -n "$data_size" ] && mkswap -L boot2dockerswap "/dev/$1${separator}2" > /dev/null
}

mount_data() {
  mkdir -p "/mnt/$1"
  if ! mount -t ext4 -o noatime "/dev/$1" "/mnt/$1"; then
    /usr/sbin/e2fsck -y "/dev/$1" > /dev/console 2>&1
    mount -t ext4 -o noatime "/dev/$1" "/mnt/$1" || return
  fi
  echo "/mnt/$1" > /run/tmachine/data
}

# Puts links to the data disk in the places programs look in.
keep_state_on_data_disk() {
  if [ -f /run/tmachine/data ]; then
    root=$(cat /run/tmachine/data)
    rm -rf "$root/tmp"
    mkdir -p "$root/tmp" "$root/var/lib/boot2docker" "$root/var/lib/docker"
    chmod 1777 "$root/tmp"
    rm -rf /tmp /var/lib/boot2docker /var/lib/docker
    ln -s "$root/tmp" /tmp
    ln -s "$root/var/lib/boot2docker" /var/lib/boot2docker
    ln -s "$root/var/lib/docker" /var/lib/docker
  fi
  mkdir -p /var/lib/boot2docker/etc/docker /var/lib/boot2docker/ssh /var/lib/boot2docker/log
  chmod 700 /var/lib/boot2docker/ssh
  rm -rf /etc/docker
  ln -s /var/lib/boot2docker/etc/docker /etc/docker
}
