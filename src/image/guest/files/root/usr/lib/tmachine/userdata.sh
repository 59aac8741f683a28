# What the creator of the machine put at the start of its disk.

install_userdata() {
  [ -d /run/tmachine/seed ] && install_seed
  [ -f /var/lib/boot2docker/userdata.tar ] || return 0
  tar -xf /var/lib/boot2docker/userdata.tar -C /home/docker 2>/dev/null
  rm -f "/home/docker/$magic"
  chown -R docker:staff /home/docker
  chmod 700 /home/docker/.ssh
  chmod 600 /home/docker/.ssh/authorized_keys*
}

# Moves each file of the seed's folder tmachine to its place, and keeps the rest for the home folder: what is secret is
# in no archive then, and gone from the start of the disk already.
install_seed() {
  state=/var/lib/boot2docker
  seed=/run/tmachine/seed/tmachine
  if [ -d "$seed" ]; then
    umask 077
    move_seed ssh_host_ed25519_key "$state/ssh" 600
    move_seed server-key.pem "$state" 600
    umask 022
    move_seed ssh_host_ed25519_key.pub "$state/ssh" 644
    move_seed server.pem "$state" 644
    move_seed ca.pem "$state" 644
    move_seed profile "$state" 644
    move_seed hostname "$state/etc" 644
    rm -rf "$seed"
  fi
  (umask 077 && cd /run/tmachine/seed && tar -cf "$state/userdata.tar" .)
  rm -rf /run/tmachine/seed
  sync
}

move_seed() {
  [ -f "$seed/$1" ] || return 0
  cp "$seed/$1" "$2/$1"
  chmod "$3" "$2/$1"
}
