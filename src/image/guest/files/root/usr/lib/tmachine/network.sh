# One DHCP client, which stays to renew its lease, for every network interface.

list_interfaces() {
  for entry in /sys/class/net/*; do
    [ -e "$entry/device" ] && echo "${entry##*/}"
  done
}

start_network() {
  mkdir -p /run/tmachine/lease
  # Only the first interface may bring a default route: in VirtualBox the second one is a network of this computer alone.
  list_interfaces | head -n 1 > /run/tmachine/default-interface
  for interface in $(list_interfaces); do
    # Before a host-only interface has its address, packets for it would be forwarded to NAT, and from there come back.
    echo 1 > "/proc/sys/net/ipv4/conf/$interface/rp_filter"
    ip link set "$interface" up
    udhcpc -b -S -i "$interface" -s /usr/lib/tmachine/dhcp -p "/run/tmachine/udhcpc.$interface.pid" -t 20 -T 1 -A 5 \
      -O mtu > /dev/null 2>&1 &
  done
}

wait_for_network() {
  waited=0
  while [ "$waited" -lt 100 ] && [ -z "$(ls /run/tmachine/lease 2>/dev/null)" ]; do
    usleep 100000
    waited=$((waited + 1))
  done
}

# A container that comes back takes the name servers it finds at that moment.
wait_for_network_of_containers() {
  [ -z "$(ls /var/lib/docker/containers 2>/dev/null)" ] || wait_for_network
}
