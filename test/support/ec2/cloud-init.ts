import { isJsonObject, type JsonObject } from '../../../src/shared/json.js';

/** A step of the first boot, run by root's shell. */
export interface BootCommand {
  readonly script: string;
  readonly input: string;
}

/** The cloud-config of user data, also in a MIME archive. */
export function cloudConfigOf(userData: string): JsonObject {
  const text = userData.slice(userData.indexOf('#cloud-config\n') + '#cloud-config\n'.length);
  const end = text.indexOf('\n--');
  const value: unknown = JSON.parse(end === -1 ? text : text.slice(0, end));
  if (!isJsonObject(value)) throw new Error('the cloud-config is no object');
  return value;
}

/**
 * What cloud-init's modules set_hostname, users_groups and ssh do with it. The keys of the host come last: sshd reads
 * them anew.
 */
export function userDataCommands(config: JsonObject, user: string): readonly BootCommand[] {
  const keys = isJsonObject(config['ssh_keys']) ? config['ssh_keys'] : {};
  const authorized = Array.isArray(config['ssh_authorized_keys']) ? config['ssh_authorized_keys'] : [];
  const host = '/etc/ssh/ssh_host_ed25519_key';
  return [
    { script: 'cat >/etc/hostname; hostname "$(cat /etc/hostname)"', input: `${config['hostname']}\n` },
    {
      script: `useradd --create-home --shell /bin/bash --password '*' ${user}
        umask 227; echo "${user} ALL=(ALL:ALL) NOPASSWD: ALL" >/etc/sudoers.d/90-cloud-init-users`,
      input: '',
    },
    {
      script: `umask 77; mkdir -p /home/${user}/.ssh; cat >/home/${user}/.ssh/authorized_keys
        chown -R ${user}:${user} /home/${user}/.ssh`,
      input: `${authorized.join('\n')}\n`,
    },
    { script: `umask 77; rm -f ${host}; cat >${host}`, input: String(keys['ed25519_private']) },
    {
      script: `cat >${host}.pub; kill -HUP "$(pgrep -o -x sshd)"`,
      input: `${keys['ed25519_public']}\n`,
    },
  ];
}
