/** The options of `create --driver generic`. */
export const genericFlags = {
  'generic-engine-port': {
    type: 'integer',
    summary: 'Port on which the engine is to listen',
    default: 2376,
    env: 'GENERIC_ENGINE_PORT',
    min: 1,
    max: 65535,
  },
  'generic-ip-address': {
    type: 'string',
    summary: 'Address or name of the host (required)',
    default: '',
    env: 'GENERIC_IP_ADDRESS',
  },
  'generic-ssh-user': {
    type: 'string',
    summary: 'Who logs in: root, or somebody with sudo without a password',
    default: 'root',
    env: 'GENERIC_SSH_USER',
  },
  'generic-ssh-key': {
    type: 'string',
    summary: "Private key that logs in, which is copied (default: your SSH agent's and your own keys)",
    default: '',
    env: 'GENERIC_SSH_KEY',
  },
  'generic-ssh-port': {
    type: 'integer',
    summary: 'Port of the SSH server',
    default: 22,
    env: 'GENERIC_SSH_PORT',
    min: 1,
    max: 65535,
  },
} as const;
