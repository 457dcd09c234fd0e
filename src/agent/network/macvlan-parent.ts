import { run } from '../kernel/spawn.js';
import { driverUnavailable, optionInvalid } from './errors.js';
import { listLinks } from './link.js';

const modes = {
  macvlan: ['bridge', 'private', 'vepa', 'passthru'],
  ipvlan: ['l2', 'l3', 'l3s'],
} as const;

/**
 * Whether interfaces of this kind can be made upon the parent: tried once, so that the user hears of it when the
 * network is made and not when a container is started. Throws NETWORK_DRIVER_UNAVAILABLE, OPTION_INVALID.
 */
export async function checkParent(
  driver: 'macvlan' | 'ipvlan',
  parent: string | undefined,
  mode: string | undefined,
): Promise<void> {
  if (mode !== undefined && !(modes[driver] as readonly string[]).includes(mode)) {
    throw optionInvalid(
      `requested ${driver} mode '${mode}' is not valid, '${modes[driver][0]}' mode is the ${driver} driver default`,
    );
  }
  if (parent === undefined) throw optionInvalid(`${driver} networks need a parent interface: -o parent=NAME`);
  if (!listLinks().some(({ name }) => name === parent)) {
    throw optionInvalid(`invalid parent interface ${parent}: the host has no such interface`);
  }
  const probe = `tsmp${process.pid % 1e9}`;
  const argv = ['ip', 'link', 'add', 'link', parent, 'name', probe, 'type', driver];
  const { code, stderr } = await run([...argv, 'mode', mode ?? modes[driver][0]], { timeoutMs: 10_000 });
  if (code !== 0) throw driverUnavailable(driver, stderr.trim().replace(/^(RTNETLINK answers|Error): /, ''));
  await run(['ip', 'link', 'delete', 'dev', probe], { timeoutMs: 10_000 });
}
