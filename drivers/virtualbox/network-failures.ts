import type { FailurePattern } from './failure-pattern.ts';

const nextStart = 'run `tmachine start $machine` again: it finds or makes a fitting one';

/** What is wrong with a host-only network, a DHCP server or port forwarding. */
export const networkFailures: readonly FailurePattern[] = [
  {
    pattern: /Host-only adapters are no longer supported/,
    code: 'VBOX_NO_HOST_ONLY_ADAPTERS',
    reason: 'this VirtualBox has host-only networks instead of host-only adapters',
    hint: nextStart,
  },
  {
    pattern: /"EnableStaticIPConfig\(|VERR_.*networks\.conf/,
    code: 'VBOX_RANGE_NOT_ALLOWED',
    reason: 'VirtualBox does not allow this address range for host-only networks here',
    hint: 'allow it in /etc/vbox/networks.conf (a line such as "* 192.168.99.0/24"), or choose another with --virtualbox-hostonly-cidr',
  },
  {
    pattern: /"EnableDynamicIPConfig\(|NS_ERROR_NOT_IMPLEMENTED|E_NOTIMPL/,
    code: 'VBOX_NOT_IMPLEMENTED',
    reason: 'VirtualBox cannot do that on this system',
  },
  {
    pattern: /VERR_INTNET_FLT_IF_NOT_FOUND|Failed to open\/create the internal network '([^']*)'/,
    code: 'VBOX_ADAPTER_BROKEN',
    reason: 'its host-only adapter is there, but VirtualBox cannot attach to it',
    hint: {
      win32:
        'see in the adapter’s properties that "VirtualBox NDIS6 Bridged Networking Driver" is on, then disable and enable the adapter',
      linux: 'sudo modprobe -a vboxnetflt vboxnetadp',
    },
  },
  {
    pattern: /Nonexistent host networking interface, name '([^']*)'/,
    code: 'VBOX_ADAPTER_GONE',
    reason: 'its host-only adapter "$1" is gone',
    hint: nextStart,
  },
  {
    pattern: /(?:host network interface named|Could not find interface|locate host-only interface) '([^']*)'/,
    code: 'VBOX_ADAPTER_GONE',
    reason: 'there is no host-only adapter "$1"',
    hint: 'see `VBoxManage list hostonlyifs` for those that are there',
  },
  {
    pattern: /Querying NetCfgInstanceId failed|Failed to create the host-only adapter/,
    code: 'VBOX_NO_ADAPTER',
    reason: 'VirtualBox cannot make one ($details)',
    hint: {
      win32:
        'install VirtualBox again as administrator, with its network drivers, or make an adapter in VirtualBox’s window',
      linux: 'sudo modprobe -a vboxnetflt vboxnetadp, or make an adapter in VirtualBox’s window',
    },
  },
  {
    pattern: /DHCP server already exists/,
    code: 'VBOX_DHCP_EXISTS',
    reason: 'this network has a DHCP server already',
    hint: 'change that one: `VBoxManage list dhcpservers` shows it',
  },
  {
    pattern:
      /DHCP server does not exist|Failed to find DHCP server for network '([^']*)'|"FindDHCPServerByNetworkName\(/,
    code: 'VBOX_DHCP_GONE',
    reason: 'this network has no DHCP server',
    hint: nextStart,
  },
  {
    pattern: /Invalid range (?:lower|upper) address: (\S+)|Failed to set configuration \((.+?)\)/,
    code: 'VBOX_DHCP_INVALID',
    reason: 'the addresses $1$2 do not lie in one network',
    hint: 'correct --virtualbox-hostonly-cidr',
  },
  {
    pattern: /VERR_ADDRESS_CONFLICT/,
    code: 'VBOX_DHCP_INVALID',
    reason: 'two machines have the same fixed address',
    hint: 'see `VBoxManage list dhcpservers`',
  },
  {
    pattern: /Failed to restart the server[\s\S]*not running/,
    code: 'VBOX_DHCP_NOT_RUNNING',
    reason: 'it does not run',
  },
  {
    pattern: /NAT rule of this name already exists/,
    code: 'VBOX_NAT_RULE_EXISTS',
    reason: 'a port is forwarded under this name already',
    hint: 'remove the rule in VirtualBox: settings of the machine, network, port forwarding',
  },
  {
    pattern: /NAT rule for this host port and this host IP already exists/,
    code: 'VBOX_NAT_RULE_EXISTS',
    reason: 'the machine forwards this port already',
    hint: 'remove the rule in VirtualBox: settings of the machine, network, port forwarding',
  },
  {
    pattern: /"RemoveRedirect\(/,
    code: 'VBOX_NAT_RULE_GONE',
    reason: 'there is no such port forwarding',
  },
  {
    pattern: /invalid argument to '--natpf/,
    code: 'VBOX_NAT_RULE_INVALID',
    reason: 'the port forwarding is not one VirtualBox understands',
  },
  {
    pattern: /Invalid NIC type '([^']*)'/,
    code: 'OPTION_INVALID',
    reason: 'VirtualBox has no network card "$1"',
    hint: 'take one of Am79C970A, Am79C973, 82540EM, 82543GC, 82545EM, virtio for --virtualbox-nat-nictype and --virtualbox-hostonly-nictype',
  },
];
