import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { getSystemErrorMap } from 'node:util';
import { errorMessage } from '../../shared/errors.js';
import { MNT, MS, unmount } from '../kernel/libc.js';
import { mountSlowly } from '../kernel/slow-mount.js';
import { volumeMountFailed, volumeOptionInvalid } from './errors.js';
import { parseMountOptions } from './mount-options.js';

type Options = Readonly<Record<string, string>>;

const known = new Set(['type', 'o', 'device', 'size']);
const needed: Readonly<Record<string, readonly string[]>> = {
  device: ['type'],
  type: ['device'],
  o: ['device', 'type'],
};

/** Throws VOLUME_OPTION_INVALID in the words of moby's volume/local. */
export function checkLocalOptions(name: string, options: Options): void {
  for (const option of Object.keys(options)) {
    if (!known.has(option)) throw volumeOptionInvalid(name, `invalid option: "${option}"`);
  }
  if (options['type'] === 'cifs' && /^[a-z]*:?\/\/[^/]*:\d+(\/|$)/.test(options['device'] ?? '')) {
    throw volumeOptionInvalid(name, "port not allowed in CIFS device URL, include 'port' in 'o='");
  }
  if (options['size'] !== undefined && needsMount(options)) {
    throw volumeOptionInvalid(
      name,
      'quota size requested but no quota support: it is mounted from elsewhere',
    );
  }
  for (const option of Object.keys(options)) {
    const missing = needed[option]?.find((other) => options[other] === undefined);
    if (missing !== undefined) throw volumeOptionInvalid(name, `missing required option: "${missing}"`);
  }
}

/** Whether the volume is mounted when it is used, or is simply a directory. */
export function needsMount({ device, type }: Options): boolean {
  return Boolean(device) || Boolean(type);
}

/** Mounts what a volume's options name upon its directory, as dockerd does. Throws VOLUME_MOUNT_FAILED. */
export async function mountLocal(path: string, options: Options): Promise<void> {
  const { type = '', device = '', o = '' } = options;
  try {
    if (device === '') throw new Error('missing device in volume options');
    const call = parseMountOptions(await withAddress(type, device, o));
    await mountSlowly(device, path, { type, ...call });
    await refine(path, call);
  } catch (error) {
    throw volumeMountFailed(path, `failed to mount local volume: ${reasonOf(error, device, path, o)}`, error);
  }
}

/** A bind mount takes "ro" and the like in a second call only, and a propagation is one of its own. */
async function refine(path: string, { flags, propagation }: ReturnType<typeof parseMountOptions>) {
  const changes = flags & ~(MS.BIND | MS.REC);
  try {
    if (flags & MS.BIND && changes) {
      await mountSlowly('', path, { type: '', flags: MS.REMOUNT | MS.BIND | changes, data: '' });
    }
    if (propagation) await mountSlowly('', path, { type: '', flags: propagation, data: '' });
  } catch (error) {
    unmount(path, MNT.DETACH);
    throw error;
  }
}

/** The kernel knows addresses only: a name in "addr=", or for cifs in the device, is looked up. */
async function withAddress(type: string, device: string, options: string): Promise<string> {
  if (type !== 'nfs' && type !== 'cifs') return options;
  const given = /(?:^|,)addr=([^,]*)/.exec(options)?.[1];
  if (given === undefined) {
    const host = type === 'cifs' ? /^(?:cifs:)?\/\/([^/]+)/.exec(device)?.[1] : undefined;
    if (host === undefined) return options;
    return [...options.split(',').filter(Boolean), `addr=${await addressOf(host)}`].join(',');
  }
  return options.replace(`addr=${given}`, `addr=${await addressOf(given)}`);
}

async function addressOf(host: string): Promise<string> {
  if (isIP(host)) return host;
  try {
    return (await lookup(host)).address;
  } catch (cause) {
    const message = `error resolving passed in network volume address: lookup ${host}: no such host`;
    throw new Error(message, { cause });
  }
}

/** As moby/sys/mount writes it. A password is not shown. */
function reasonOf(error: unknown, device: string, path: string, options: string): string {
  const number = (error as NodeJS.ErrnoException).errno; // only the kernel's errors have one
  const [, text] = (number !== undefined && getSystemErrorMap().get(number)) || [];
  if (text === undefined) return errorMessage(error);
  const { flags, data } = parseMountOptions(options);
  const shown = data.replace(/(password2?=)[^,]*/g, '$1********');
  const details = [flags && `flags: 0x${flags.toString(16)}`, shown && `data: ${shown}`].filter(Boolean);
  return `mount ${[`${device}:${path}`, ...details].join(', ')}: ${text}`;
}

/** At once, also when files in it are open: processes that have it keep it, as with dockerd. */
export function unmountLocal(path: string): void {
  unmount(path, MNT.DETACH);
}

/** Mount points of this process, by their paths. */
export async function mountPoints(): Promise<ReadonlySet<string>> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  return new Set(lines.map((line) => unescaped(line.split(' ')[4] ?? '')));
}

/** proc(5): space, tab, newline and backslash are octal. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
