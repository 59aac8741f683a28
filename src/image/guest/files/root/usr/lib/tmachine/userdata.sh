# What the creator of the machine put at the start of its disk.

# Moves each file of the seed's folder tmachine to its place. What is secret is in no archive then, and gone from the
# start of the disk already.
install_seed() {
  [ -d /run/tmachine/seed/tmachine ] || return 0
  cd /run/tmachine/seed/tmachine || return
  chmod 600 server-key.pem ssh_host_ed25519_key 2>/dev/null
  chmod 644 ca.pem server.pem profile hostname ssh_host_ed25519_key.pub 2>/dev/null
  chown root:root ./*
  for file in ca.pem server.pem server-key.pem profile; do
    [ -f $file ] && set -- "$@" $file
  done
  [ $# = 0 ] || mv "$@" /var/lib/boot2docker
  [ -f hostname ] && mv hostname /var/lib/boot2docker/etc
  [ -f ssh_host_ed25519_key ] && mv ssh_host_ed25519_key* /var/lib/boot2docker/ssh
  cd /
  rm -rf /run/tmachine/seed/tmachine
}

# The rest is for the home folder, at this boot and at all later ones.
install_userdata() {
  if [ -d /run/tmachine/seed ]; then
    (umask 077 && tar -cf /var/lib/boot2docker/userdata.tar -C /run/tmachine/seed .)
    rm -rf /run/tmachine/seed
    sync
  fi
  [ -f /var/lib/boot2docker/userdata.tar ] || return 0
  tar -xf /var/lib/boot2docker/userdata.tar -C /home/docker 2>/dev/null
  # shellcheck disable=SC2154 # from disk.sh
  rm -f "/home/docker/$magic"
  chown -R docker:staff /home/docker
  chmod 700 /home/docker/.ssh
  chmod 600 /home/docker/.ssh/authorized_keys*
}
