import { formatBytes } from '../../shared/bytes.js';
import { TsmachineError } from '../../shared/errors.js';

export function userDataUnknown(start: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'USER_DATA_UNKNOWN',
    `--libvirt-user-data begins with "${start.slice(0, 60)}", which cloud-init would not understand`,
    { hints: ['begin the file with "#cloud-config" or "#!/bin/sh"'] },
  );
}

export function fileUnreadable(flag: string, path: string, cause: unknown): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'DRIVER_FILE_UNREADABLE',
    `--${flag} "${path}" cannot be read`,
    {
      cause,
    },
  );
}

export function imageFormatUnknown(image: string, found: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'IMAGE_FORMAT_UNKNOWN',
    `image "${image}" is ${found}, and libvirt machines are made from qcow2 or raw`,
    { hints: [`convert it with "qemu-img convert -O qcow2"`] },
  );
}

export function imageHasBackingFile(image: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'IMAGE_HAS_BACKING_FILE',
    `image "${image}" is an overlay of another file, which would be missing in the pool`,
    { hints: [`make it whole with "qemu-img convert -O qcow2"`] },
  );
}

export function imageUnavailable(image: string, reason: string, cause?: unknown): TsmachineError {
  return new TsmachineError('unavailable', 'IMAGE_UNAVAILABLE', `cannot fetch image "${image}": ${reason}`, {
    hints: ['give another one with --libvirt-image'],
    cause,
  });
}

export function imageChecksumWrong(image: string, wanted: string, found: string): TsmachineError {
  return new TsmachineError(
    'data-loss',
    'IMAGE_CHECKSUM_WRONG',
    `image "${image}" is not what --libvirt-image-checksum says: ${found} instead of ${wanted}`,
    { hints: ['compare the checksum with the one that the publisher names'] },
  );
}

export function kvmUnusable(reason: string): TsmachineError {
  return new TsmachineError('unavailable', 'KVM_UNUSABLE', `--libvirt-accel kvm is not possible: ${reason}`, {
    hints: ['use --libvirt-accel tcg, which emulates the processor, slowly'],
  });
}

export function hypervisorUnfit(uri: string, reason: string): TsmachineError {
  return new TsmachineError('unavailable', 'HYPERVISOR_UNFIT', `libvirt at "${uri}" ${reason}`);
}

export function poolMissing(pool: string, uri: string): TsmachineError {
  return new TsmachineError(
    'not-found',
    'STORAGE_POOL_NOT_FOUND',
    `storage pool "${pool}" does not exist at "${uri}"`,
    { hints: [`see "virsh -c ${uri} pool-list --all", and name one with --libvirt-pool`] },
  );
}

export function poolUnfit(pool: string, type: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'STORAGE_POOL_UNFIT',
    `storage pool "${pool}" is of type "${type}", which cannot hold qcow2 files`,
    { hints: ['name a pool of type dir, fs or netfs with --libvirt-pool'] },
  );
}

export function poolFull(pool: string, needed: number, free: number): TsmachineError {
  return new TsmachineError(
    'unavailable',
    'NO_SPACE',
    `storage pool "${pool}" has ${formatBytes(free)} left, and ${formatBytes(needed)} are needed`,
    { hints: ['remove volumes that are not needed, or name another pool with --libvirt-pool'] },
  );
}

export function networkMissing(network: string, uri: string): TsmachineError {
  return new TsmachineError(
    'not-found',
    'NETWORK_NOT_FOUND',
    `network "${network}" does not exist at "${uri}"`,
    {
      hints: [
        `see "virsh -c ${uri} net-list --all", and name one with --libvirt-network`,
        'use --libvirt-network user to do without',
      ],
    },
  );
}

export function firmwareMissing(uri: string): TsmachineError {
  return new TsmachineError('unavailable', 'FIRMWARE_MISSING', `libvirt at "${uri}" has no UEFI firmware`, {
    hints: ['on Debian and Ubuntu run "apt-get install ovmf" there, on Fedora "dnf install edk2-ovmf"'],
  });
}

export function domainGone(domain: string, uri: string): TsmachineError {
  return new TsmachineError('not-found', 'DOMAIN_NOT_FOUND', `domain "${domain}" is gone from "${uri}"`, {
    hints: ['remove the machine and create it again'],
  });
}

export function domainNotRunning(domain: string, verb: string): TsmachineError {
  return new TsmachineError(
    'conflict',
    'DOMAIN_NOT_RUNNING',
    `domain "${domain}" is not running: cannot ${verb} it`,
  );
}

export function forwardedPortTaken(cause: unknown): TsmachineError {
  return new TsmachineError(
    'conflict',
    'FORWARDED_PORT_TAKEN',
    'a port of 127.0.0.1 that leads to the machine is used by another program',
    { hints: ['end that program, or create the machine again'], cause },
  );
}

export function snapshotNotFound(name: string): TsmachineError {
  return new TsmachineError('not-found', 'SNAPSHOT_NOT_FOUND', `snapshot "${name}" does not exist`);
}

export function snapshotExists(name: string): TsmachineError {
  return new TsmachineError('already-exists', 'SNAPSHOT_EXISTS', `snapshot "${name}" already exists`);
}

export function snapshotNameInvalid(name: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'SNAPSHOT_NAME_INVALID',
    `"${name}" is no name for a snapshot`,
    {
      hints: ['use letters, digits, ".", "_" and "-"'],
    },
  );
}

export function volumeVanished(volume: string): TsmachineError {
  return new TsmachineError(
    'unavailable',
    'VOLUME_VANISHED',
    `volume "${volume}" was removed by somebody else`,
    {
      hints: ['run the command again'],
    },
  );
}

export function noPortFree(): TsmachineError {
  return new TsmachineError(
    'unavailable',
    'NO_PORT_FREE',
    'no port of 127.0.0.1 from 20000 to 30000 is free',
  );
}

export function domainStopped(domain: string, how: string): TsmachineError {
  return new TsmachineError(
    'unavailable',
    'DOMAIN_STOPPED',
    `domain "${domain}" did not go on running: ${how}`,
    {
      hints: ['look at its console with virsh, or at the log in /var/log/libvirt/qemu'],
    },
  );
}

export function busyboxMissing(): TsmachineError {
  return new TsmachineError(
    'unavailable',
    'BUSYBOX_MISSING',
    'a container of libvirt’s needs "busybox", which this machine does not have',
    { hints: ['run "apt-get install busybox-static"'] },
  );
}

export function lxcNeedsRoot(): TsmachineError {
  return new TsmachineError('permission-denied', 'LXC_NEEDS_ROOT', 'containers of libvirt’s need root', {
    hints: ['run the command with sudo', 'use a virtual machine'],
  });
}
