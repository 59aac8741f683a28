import { comError } from './refusal.js';

/** What the server has given a MAC address; the file of leases is there once a machine has asked for one. */
export function findLease(call, { scopes }, name) {
  const leases = call.home.settings.leases?.[name];
  const mac = scopes.find(({ kind }) => kind === 'mac')?.mac;
  const find =
    'FindLeaseByMAC(Bstr(szMac).raw(), 0 , bstrAddress.asOutParam(), bstrState.asOutParam(), &secIssued, &secExpire)';
  const context = `${find} at 1252 of VBoxManageDHCPServer.cpp`;
  if (leases === undefined) {
    const path = `${call.home.folder}/${name}-Dhcpd.leases`;
    const reason = `Runtime error opening '${path}' for reading VERR_FILE_NOT_FOUND (File not found.)`;
    const text = `Reading '${path}' failed: VERR_FILE_NOT_FOUND - ${reason}`;
    throw comError(text, 'VBOX_E_FILE_ERROR', 'DHCPServerWrap/IDHCPServer', context);
  }
  if (leases[mac] === undefined) {
    throw comError('Could not find a lease', 'VBOX_E_OBJECT_NOT_FOUND', 'DHCPServerWrap/IDHCPServer', context);
  }
  const at = Math.floor(Date.now() / 1000);
  const time = (seconds) => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z (${seconds})`;
  call.out.line(`IP Address:  ${leases[mac]}`);
  call.out.line(`MAC Address: ${mac.toLowerCase().match(/../g).join(':')}`);
  call.out.line('State:       acked');
  call.out.line(`Issued:      ${time(at)}`);
  call.out.line(`Expire:      ${time(at + 600)}`);
  call.out.line('TTL:         600 sec, currently 600 sec left');
}
