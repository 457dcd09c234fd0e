import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentLab } from '../agent-lab.js';
import { processesNaming } from '../processes.js';
import { readTraces } from '../traces.js';

/** Of what `GET /containers/json` answers. */
interface Listed {
  readonly Id: string;
  readonly State: string;
  readonly Ports: readonly { readonly IP?: string; readonly PublicPort?: number }[];
  readonly Mounts: readonly { readonly Name?: string }[];
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, unknown>> };
}

/** Judges whether agent, kernel and disk agree. Remembers which containers there were. */
export class Invariants {
  readonly #lab: AgentLab;
  readonly #known = new Set<string>();

  constructor(lab: AgentLab) {
    this.#lab = lab;
  }

  /** Waits until all agree, and says where they do not. */
  async hold(what: string): Promise<void> {
    const end = Date.now() + 30_000;
    for (;;) {
      const { expected, actual } = await this.#compare();
      if (agree(expected, actual)) return;
      if (Date.now() > end) {
        expect({ what, ...actual }).toEqual({ what, ...expected });
        return;
      }
      await delay(100);
    }
  }

  async #compare() {
    const lab = this.#lab;
    const containers = await get<readonly Listed[]>(lab, '/containers/json?all=1');
    const states = containers.map(({ Id, State }) => `${Id} ${State}`).sort();
    const all = containers.map(({ Id }) => Id).sort();
    const running = containers
      .filter(isRunning)
      .map(({ Id }) => Id)
      .sort();
    const ends = containers.filter(isRunning).flatMap(endsOf).sort();
    for (const id of all) this.#known.add(id);
    const actual = await readTraces(lab, this.#known);
    const alive = await Promise.all(running.map((id) => isAlive(lab, id)));
    const published = publishedPorts(containers);
    const expected = {
      monitors: running,
      cgroups: running,
      bundles: running,
      runtimeStates: running,
      monitorFiles: running,
      mounts: running,
      endpoints: running,
      links: ends.length,
      records: all,
      layers: all,
      unfinished: [],
    };
    const none: readonly string[] = [];
    return {
      expected: {
        ...{ ...expected, states: states.map(settled), alive: running.map(() => true) },
        volumes: mountedVolumes(containers),
        ...{ held: published, led: published, strayMounts: none, strayProcesses: none, connected: ends },
      },
      actual: {
        ...{ ...actual, states, alive },
        volumes: await volumes(lab),
        ...{ held: await heldPorts(lab), led: await ledPorts(lab), connected: await connected(lab) },
        strayMounts: (await lab.mounts()).filter((path) => isStray(path, running) && path !== dataOf(lab)),
        strayProcesses: await strayProcesses(lab, running),
      },
    };
  }
}

function agree(expected: object, actual: object): boolean {
  const seen = new Map<string, unknown>(Object.entries(actual));
  return Object.entries(expected).every(
    ([name, each]) => JSON.stringify(each) === JSON.stringify(seen.get(name)),
  );
}

/** No state that only lasts while something is done. */
function settled(line: string): string {
  return line.replace(/ (removing|restarting|dead)$/, ' settled');
}

function isRunning({ State }: Listed): boolean {
  return State === 'running' || State === 'paused';
}

async function isAlive(lab: AgentLab, id: string): Promise<boolean> {
  const { State } = await get<{ readonly State?: { readonly Pid: number } }>(lab, `/containers/${id}/json`);
  const command = await readFile(join('/proc', String(State?.Pid), 'cmdline'), 'latin1').catch(() => '');
  return command.includes('sleep');
}

/** The container, for each of its networks. */
function endsOf({ Id, NetworkSettings }: Listed): readonly string[] {
  return Object.keys(NetworkSettings.Networks).map(() => Id);
}

/** All are anonymous, and every removal takes them along. */
function mountedVolumes(containers: readonly Listed[]): readonly string[] {
  return containers.flatMap(({ Mounts }) => Mounts.flatMap(({ Name }) => Name ?? [])).sort();
}

/** Also those that are half-made or half-removed. */
async function volumes(lab: AgentLab): Promise<readonly string[]> {
  return (await readdir(join(lab.data, 'volumes'))).sort();
}

/** Ports of the host by the agent's words. */
function publishedPorts(containers: readonly Listed[]): readonly string[] {
  const open = containers.flatMap(({ Ports }) => Ports).filter(({ IP }) => IP === '0.0.0.0');
  return open.map(({ PublicPort }) => String(PublicPort)).sort();
}

/** Those that the agent keeps from other programs. */
async function heldPorts(lab: AgentLab): Promise<readonly string[]> {
  return sorted((await lab.inside('ss', '-Hltun')).matchAll(/ 0\.0\.0\.0:(\d+)/g));
}

/** Those that the kernel leads to a container. */
async function ledPorts(lab: AgentLab): Promise<readonly string[]> {
  return sorted((await lab.inside('nft', 'list', 'ruleset')).matchAll(/(\d+) : \d+\.\d+\.\d+\.\d+ \. \d+/g));
}

function sorted(matches: Iterable<RegExpMatchArray>): readonly string[] {
  return [...matches].map(([, port = '']) => port).sort();
}

/** The containers that networks say they have. */
async function connected(lab: AgentLab): Promise<readonly string[]> {
  const networks = await get<readonly { readonly Id: string }[]>(lab, '/networks');
  const each = await Promise.all(networks.map(({ Id }) => get<NetworkInspect>(lab, `/networks/${Id}`)));
  return each.flatMap(({ Containers = {} }) => Object.keys(Containers)).sort();
}

interface NetworkInspect {
  readonly Containers?: Readonly<Record<string, unknown>>;
}

async function get<T>(lab: AgentLab, path: string): Promise<T> {
  return (await lab.request('GET', path)).body as T; // of the engine under test
}

async function strayProcesses(lab: AgentLab, running: readonly string[]): Promise<readonly string[]> {
  const found = await processesNaming(lab.directory);
  const lines = found.map(({ argv }) => argv.join(' ')).filter((line) => !line.includes(' serve --config '));
  return lines.filter((line) => isStray(line, running));
}

function isStray(text: string, running: readonly string[]): boolean {
  return text.includes('tsm-test-') && !running.some((id) => text.includes(id));
}

function dataOf(lab: AgentLab): string {
  return join(lab.directory, 'data');
}
