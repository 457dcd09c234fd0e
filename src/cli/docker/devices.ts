import type { HostConfig } from '../../api/client/types.js';
import { parseBytes } from '../../shared/bytes.js';
import { csvFields } from './csv.js';
import { flagInvalid } from './errors.js';

type Device = NonNullable<HostConfig['Devices']>[number];
type DeviceRequest = NonNullable<HostConfig['DeviceRequests']>[number];

/** HOST[:CONTAINER][:rwm]. Throws FLAG_INVALID. */
export function parseDevice(flag: string): Device {
  const parts = flag.split(':');
  const [host = '', second, third] = parts;
  if (host === '' || parts.length > 3) throw flagInvalid('--device', flag, 'write HOST[:CONTAINER][:rwm]');
  if (third === undefined && second !== undefined && isMode(second)) {
    return { PathOnHost: host, PathInContainer: host, CgroupPermissions: second };
  }
  if (third !== undefined && !isMode(third))
    throw flagInvalid('--device', flag, `bad mode specified: ${third}`);
  return {
    PathOnHost: host,
    PathInContainer: second || host,
    CgroupPermissions: third ?? 'rwm',
  };
}

/** DEVICE:RATE, the rate in bytes with a unit. Throws FLAG_INVALID. */
export function parseByteRate(name: string, flag: string): { readonly Path: string; readonly Rate: number } {
  const { path, value } = deviceAndValue(name, flag);
  try {
    return { Path: path, Rate: parseBytes(value) };
  } catch {
    throw flagInvalid(name, flag, 'write DEVICE:RATE, such as /dev/sda:1mb');
  }
}

/** DEVICE:N. Throws FLAG_INVALID. */
export function parseRate(name: string, flag: string): { readonly Path: string; readonly Rate: number } {
  const { path, value } = deviceAndValue(name, flag);
  if (!/^\d+$/.test(value)) throw flagInvalid(name, flag, 'write DEVICE:N, N being a whole number');
  return { Path: path, Rate: Number(value) };
}

/** DEVICE:WEIGHT. Throws FLAG_INVALID. */
export function parseDeviceWeight(flag: string): { readonly Path: string; readonly Weight: number } {
  const { path, value } = deviceAndValue('--blkio-weight-device', flag);
  const weight = Number(value);
  const isGood = /^\d+$/.test(value) && (weight === 0 || (weight >= 10 && weight <= 1000));
  if (!isGood) throw flagInvalid('--blkio-weight-device', flag, 'the weight is 10 to 1000, or 0 for none');
  return { Path: path, Weight: weight };
}

/** "all", a count, or "device=…,driver=…,capabilities=…,count=…". Throws FLAG_INVALID. */
export function parseGpus(
  flag: string,
): DeviceRequest & { readonly Capabilities: readonly (readonly string[])[] } {
  const fail = (why: string) => flagInvalid('--gpus', flag, why);
  const fields = csvFields(flag).map((field) => {
    const [key = '', value] = field.split(/=(.*)/s);
    return value === undefined ? { key: 'count', value: key } : { key, value };
  });
  const of = (name: string) => fields.find(({ key }) => key === name)?.value;
  const unknown = fields.find(
    ({ key }) => !['count', 'device', 'driver', 'capabilities', 'options'].includes(key),
  );
  if (unknown) throw fail(`unexpected key '${unknown.key}'`);
  const ids = of('device')?.split(',');
  const count = of('count') ?? (ids ? '0' : '1');
  if (count !== 'all' && !/^\d+$/.test(count)) throw fail('count must be an integer or "all"');
  return {
    Driver: of('driver') ?? '',
    Count: count === 'all' ? -1 : Number(count),
    ...(ids && { DeviceIDs: ids }),
    Capabilities: [['gpu', ...(of('capabilities')?.split(',') ?? [])]],
  };
}

function deviceAndValue(name: string, flag: string): { readonly path: string; readonly value: string } {
  const at = flag.lastIndexOf(':');
  const [path, value] = [flag.slice(0, at), flag.slice(at + 1)];
  if (at < 0 || !path.startsWith('/dev/'))
    throw flagInvalid(name, flag, 'the path of a device begins with /dev/');
  return { path, value };
}

function isMode(text: string): boolean {
  return /^[rwm]{1,3}$/.test(text) && new Set(text).size === text.length;
}
