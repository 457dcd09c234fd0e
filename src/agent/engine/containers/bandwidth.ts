import type { ContainerConfig, HostConfig } from '../../../api/container-config.js';
import { type Bandwidth, freeBandwidth, limitBandwidth } from '../../network/bandwidth.js';
import { invalidOption } from '../errors.js';
import type { ContainerRecord } from './record.js';

/** As an annotation or, for clients that have none (docker before 24), a label: "10mbit/5mbit". */
const key = 'tsmachine.network.bandwidth';

/** Throws OPTION_INVALID. */
export function validateBandwidth(config: ContainerConfig, hostConfig: HostConfig): void {
  if (!bandwidthOf(config, hostConfig)) return;
  const mode = hostConfig.NetworkMode ?? '';
  if (mode === 'host' || mode === 'none' || mode.startsWith('container:')) {
    throw invalidOption(`conflicting options: ${key} and the network mode`);
  }
}

/** Shapes the interfaces that the container has now, if it asks for it. */
export async function applyBandwidth(
  { id, config, hostConfig }: ContainerRecord,
  pid: number,
): Promise<void> {
  const limits = bandwidthOf(config, hostConfig);
  if (limits) await limitBandwidth(id, pid, limits);
}

/** After a run. */
export async function releaseBandwidth({ id, config, hostConfig }: ContainerRecord): Promise<void> {
  if (bandwidthOf(config, hostConfig)) await freeBandwidth(id);
}

/** "DOWN/UP", "BOTH", "DOWN/" or "/UP", in tc's units. Throws OPTION_INVALID. */
function bandwidthOf({ Labels }: ContainerConfig, { Annotations }: HostConfig): Bandwidth | undefined {
  const text = Annotations?.[key] ?? Labels?.[key];
  if (text === undefined) return undefined;
  const [download = '', upload = download, ...rest] = text.split('/');
  if (rest.length > 0 || download + upload === '') throw invalidBandwidth(text);
  return { download: rate(download, text), upload: rate(upload, text) };
}

function rate(word: string, text: string): number | undefined {
  if (word === '') return undefined;
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)([kmg]?)bit$/.exec(word) ?? [];
  const bits = Math.round(Number(digits) * (factors[unit] ?? 1));
  if (digits === '' || bits < smallest || bits > largest) throw invalidBandwidth(text);
  return bits;
}

const factors: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9 };

/** Below it a single packet takes longer than the shaper lets it wait; above, tc counts no more in 32 bits. */
const smallest = 8_000;
const largest = 32e9;

function invalidBandwidth(text: string) {
  return invalidOption(`invalid ${key} "${text}": write DOWN/UP, such as 10mbit/5mbit, from 8kbit to 32gbit`);
}
