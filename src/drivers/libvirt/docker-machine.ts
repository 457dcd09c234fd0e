import type { JsonObject } from '../../shared/json.js';
import { defaultValues, numberField, textField } from '../docker-machine-fields.js';
import { driverOptionInvalid } from '../errors.js';
import type { LibvirtInstance } from './instance.js';
import { type LibvirtOptions, libvirtOptions } from './options.js';

/**
 * A domain that docker-machine-driver-kvm made: it bears the machine's name, and its address is on the second of its
 * networks. Its disk is a file of docker-machine's store, in no pool.
 */
export function fromDockerMachine(theirs: JsonObject, identityFile: string | undefined) {
  const domain = textField(theirs['MachineName']);
  if (domain === undefined)
    throw driverOptionInvalid('libvirt-domain', '', 'is not known: the machine has no name');
  const uri = textField(theirs['ConnectionURI']) ?? 'qemu:///system';
  const name = textField(theirs['PrivateNetwork']) ?? textField(theirs['Network']) ?? 'default';
  const address = textField(theirs['IPAddress']);
  const memoryMiB = numberField(theirs['Memory']) ?? 1024;
  const cpus = numberField(theirs['CPU']) ?? 1;
  const sshUser = textField(theirs['SSHUser']) ?? 'docker';
  const sshPort = numberField(theirs['SSHPort']) ?? 22;
  const instance: LibvirtInstance = {
    uri,
    domain,
    ownerTag: `docker-machine-${domain}`,
    uuid: '',
    pool: 'default',
    volumes: [],
    network: { kind: 'network', name, mac: '' },
    sshUser,
    sshPort,
    ...(identityFile !== undefined && { identityFile }),
    emulated: false,
    memoryMiB,
    cpus,
    tags: {},
    ...(address !== undefined && { address }),
  };
  const given = { uri, memory: String(memoryMiB), cpus, 'ssh-user': sshUser, 'ssh-port': sshPort };
  // None of the options is required.
  const options = { ...defaultValues(libvirtOptions), ...given } as LibvirtOptions;
  return { options, instance, note: "its disk stays in docker-machine's store, also after rm" };
}
