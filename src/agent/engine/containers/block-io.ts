import { realpathSync } from 'node:fs';
import type { HostConfig } from '../../../api/container-config.js';
import { deviceAt } from '../../runtime/host-facts.js';
import type { OciBlockIo, OciDeviceNumber, OciThrottle } from '../../runtime/spec/oci.js';
import { invalidOption } from '../errors.js';

type Throttles = NonNullable<HostConfig['BlkioDeviceReadBps']>;

/** Weights and rates with the devices' numbers as they are now. Throws OPTION_INVALID where a device is not there. */
export function blockIoOf(hostConfig: HostConfig): OciBlockIo | undefined {
  const weights = (hostConfig.BlkioWeightDevice ?? []).map(({ Path = '', Weight = 0 }) => ({
    ...numberOf(Path),
    weight: Weight,
  }));
  const blockIo = {
    ...(hostConfig.BlkioWeight && { weight: hostConfig.BlkioWeight }),
    weightDevice: weights,
    throttleReadBpsDevice: rates(hostConfig.BlkioDeviceReadBps),
    throttleWriteBpsDevice: rates(hostConfig.BlkioDeviceWriteBps),
    throttleReadIOPSDevice: rates(hostConfig.BlkioDeviceReadIOps),
    throttleWriteIOPSDevice: rates(hostConfig.BlkioDeviceWriteIOps),
  };
  const asked = Object.values(blockIo).some((value) => (Array.isArray(value) ? value.length > 0 : true));
  return asked ? blockIo : undefined;
}

/** Docker writes −1 where nothing was asked for. */
export function swappinessOf({ MemorySwappiness }: HostConfig): number | undefined {
  return MemorySwappiness === undefined || MemorySwappiness < 0 ? undefined : MemorySwappiness;
}

function rates(throttles: Throttles | undefined): readonly OciThrottle[] {
  return (throttles ?? []).map(({ Path = '', Rate = 0 }) => {
    if (Rate < 0) throw invalidOption(`invalid rate ${Rate} for device ${Path}`);
    return { ...numberOf(Path), rate: Rate };
  });
}

function numberOf(path: string): OciDeviceNumber {
  const device = deviceAt(resolved(path));
  if (!device) throw invalidOption(`no such file or directory: ${path}`);
  return { major: device.major, minor: device.minor };
}

function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
