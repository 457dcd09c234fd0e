import type { DriverOptions, OptionValues } from '../options.js';

export const sshOptions = {
  'ssh-host': {
    type: 'string',
    required: true,
    description: 'address, name or ssh_config alias of the host',
    env: ['TSMACHINE_SSH_HOST', 'GENERIC_IP_ADDRESS'],
    aliases: ['generic-ip-address'],
  },
  'ssh-user': {
    type: 'string',
    description: 'user to log in as: root, or one who may use sudo',
    env: ['TSMACHINE_SSH_USER', 'GENERIC_SSH_USER'],
    aliases: ['generic-ssh-user'],
  },
  'ssh-port': {
    type: 'integer',
    description: 'port of the SSH server',
    env: ['TSMACHINE_SSH_PORT', 'GENERIC_SSH_PORT'],
    aliases: ['generic-ssh-port'],
  },
  'ssh-key': {
    type: 'string',
    description: 'private key file; copied into the store. Default: the SSH agent and your default keys',
    env: ['TSMACHINE_SSH_KEY', 'GENERIC_SSH_KEY'],
    aliases: ['generic-ssh-key'],
  },
  'ssh-password-file': {
    type: 'string',
    description:
      'file whose first line is the password of the login; else TSMACHINE_SSH_PASSWORD, else you are asked',
    env: ['TSMACHINE_SSH_PASSWORD_FILE'],
  },
  'ssh-sudo-password-file': {
    type: 'string',
    description:
      'file whose first line is the password for sudo; else TSMACHINE_SUDO_PASSWORD, that of the login, or you are asked',
    env: ['TSMACHINE_SSH_SUDO_PASSWORD_FILE'],
  },
  'ssh-save-password': {
    type: 'boolean',
    description: 'keep the passwords and passphrases that you are asked for in the secret store',
  },
  'ssh-engine-port': {
    type: 'integer',
    default: 2376,
    description: 'port on which the host serves the Docker API',
    env: ['TSMACHINE_SSH_ENGINE_PORT', 'GENERIC_ENGINE_PORT'],
    aliases: ['generic-engine-port'],
  },
} as const satisfies DriverOptions;

export type SshOptions = OptionValues<typeof sshOptions>;
