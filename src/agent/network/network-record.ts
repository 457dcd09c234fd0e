import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson, writeJsonAtomically } from '../../shared/atomic-file.js';
import { randomId } from '../../shared/identifiers.js';
import { isJsonObject } from '../../shared/json.js';
import { formatSubnet, parseSubnet, type Subnet } from './ipv4.js';
import { chooseSubnet, routedSubnets } from './subnet-choice.js';

export interface NetworkRecord {
  readonly id: string;
  readonly subnet: Subnet;
}

/**
 * The network's identity and subnet. Chosen once and remembered, so that they do not change under running
 * containers; a subnet that the caller asks for wins over the remembered one.
 */
export async function openNetworkRecord(
  stateDir: string,
  options: { readonly bridge: string; readonly subnet?: string | undefined },
): Promise<NetworkRecord> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const path = join(stateDir, 'network.json');
  const known = parseRecord(await readJson(path));
  const wanted = options.subnet === undefined ? known?.subnet : parseSubnet(options.subnet);
  const record = {
    id: known?.id ?? randomId(),
    subnet: wanted ?? chooseSubnet(await routedSubnets(options.bridge)),
  };
  if (!known || formatSubnet(known.subnet) !== formatSubnet(record.subnet)) {
    await writeJsonAtomically(path, { schemaVersion: 1, id: record.id, subnet: formatSubnet(record.subnet) });
  }
  return record;
}

function parseRecord(value: unknown): NetworkRecord | undefined {
  if (!isJsonObject(value) || value['schemaVersion'] !== 1) return undefined;
  const { id, subnet } = value;
  return typeof id === 'string' && typeof subnet === 'string'
    ? { id, subnet: parseSubnet(subnet) }
    : undefined;
}
