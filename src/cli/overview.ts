import type { MachineSummary } from '../machine/inventory.js';
import { stateText } from './machine-list.js';

export interface Overview {
  /** Names of all machines. */
  readonly machines: readonly string[];
  /** Not there when no machine is active. */
  readonly active?: MachineSummary & {
    /** The variable that names it, or "use". */
    readonly chosenBy: string;
  };
}

/** Where one is, and below it the commands that lead on. */
export function overviewText({ machines, active }: Overview): string {
  const next = active ? nextOf(active) : machines.length > 0 ? choose : begin;
  const lines = [active ? placeOf(active) : placeOfNone(machines)];
  if (active?.error) lines.push(`  ${active.error}`);
  const others = machines.filter((name) => name !== active?.name);
  if (active && others.length > 0) lines.push(`Other machines: ${listed(others)}`);
  const width = Math.max(...next.map(([command]) => command.length));
  for (const [command, what] of [...next, help]) lines.push(`  › ${command.padEnd(width)}   ${what}`);
  return `${lines.join('\n')}\n`;
}

type Step = readonly [command: string, what: string];

const help: Step = ['tsmachine --help', 'all commands'];
const list: Step = ['tsmachine ls', 'all machines and their states'];

const begin: readonly Step[] = [
  ['tsmachine create NAME', 'makes a sandbox on this computer'],
  ['tsmachine create --driver ssh --ssh-host HOST NAME', 'takes a Linux host that you can log in to'],
  ['tsmachine driver ls', 'what else machines can be made of'],
  ['tsmachine import ~/.docker/machine', "takes docker-machine's machines over"],
];

const choose: readonly Step[] = [
  ['tsmachine use NAME', 'makes a machine the active one'],
  ['eval "$(tsmachine env NAME)"', 'does so for this shell, and for docker'],
  list,
];

function nextOf({ name, state, error }: MachineSummary): readonly Step[] {
  const [, said] = /run "(tsmachine [^"]+)"/.exec(error) ?? [];
  if (said !== undefined) {
    const remove: Step = [`tsmachine rm ${name}`, 'removes all that was made'];
    return [[said, 'goes on from there'], state === 'Creating' ? remove : list];
  }
  if (state === 'Stopped') return [[`tsmachine start ${name}`, 'starts it'], list];
  if (state === 'Saved' || state === 'Paused') return [[`tsmachine resume ${name}`, 'lets it go on'], list];
  if (state !== 'Running' || error) return [[`tsmachine doctor ${name}`, 'looks for what is wrong'], list];
  return [
    ['tsmachine ps', 'its containers'],
    ['tsmachine run --rm -it alpine sh', 'a container on it'],
    [`eval "$(tsmachine env ${name})"`, 'leads docker and Compose in this shell to it'],
  ];
}

function placeOf(active: NonNullable<Overview['active']>): string {
  const { name, driver, url, dockerVersion, chosenBy } = active;
  const engine = dockerVersion === undefined ? '' : `, engine ${dockerVersion}`;
  const where = url === '' ? '' : ` at ${url}`;
  return `${name} is the active machine, by ${chosenBy} (${driver}): ${stateText(active)}${where}${engine}`;
}

function placeOfNone(machines: readonly string[]): string {
  if (machines.length === 0) return 'There is no machine yet.';
  return `No machine is active. There ${machines.length === 1 ? 'is' : 'are'} ${listed(machines)}.`;
}

const shown = 8;

function listed(names: readonly string[]): string {
  const rest = names.length - shown;
  return rest > 1 ? `${names.slice(0, shown).join(', ')} and ${rest} more` : names.join(', ');
}
