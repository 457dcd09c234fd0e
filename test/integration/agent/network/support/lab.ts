import type { ChildProcess } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type {
  Attachment,
  Endpoint,
  NetworkSpec,
  PortBinding,
} from '../../../../../src/agent/network/network.js';
import type { NftNetworksOptions } from '../../../../../src/agent/network/nft-networks.js';
import { type CommandResult, exitOf, run, runOrThrow, start } from '../../../../../src/shared/spawn.js';
import { waitUntil } from '../../../../../src/shared/wait-until.js';

const root = join(import.meta.dirname, '../../../../..');

type Container = { readonly id: string; readonly name: string };

/** What the driver process is asked to do. */
export type Call = { readonly id: number } & (
  | { readonly method: 'open'; readonly args: readonly [NftNetworksOptions] }
  | { readonly method: 'reserve'; readonly args: readonly [Container, readonly PortBinding[]] }
  | { readonly method: 'connect'; readonly args: readonly [string, number] }
  | { readonly method: 'release'; readonly args: readonly [string] }
  | { readonly method: 'check'; readonly args: readonly [] }
  | { readonly method: 'watch'; readonly args: readonly [{ readonly intervalMs: number }] }
  | { readonly method: 'create'; readonly args: readonly [NetworkSpec] }
  | { readonly method: 'remove'; readonly args: readonly [string] }
  | {
      readonly method: 'attach';
      readonly args: readonly [string, Attachment, readonly PortBinding[]];
    }
  | { readonly method: 'detach'; readonly args: readonly [string, string] }
  | { readonly method: 'endpoint'; readonly args: readonly [string] }
  | { readonly method: 'restore'; readonly args: readonly [readonly (readonly [string, number])[]] }
  | { readonly method: 'close'; readonly args: readonly [{ readonly remove: boolean }] }
  | {
      readonly method: 'timeStart';
      readonly args: readonly [Container, readonly PortBinding[], number];
    }
);

/** A container's only endpoint, with its ports. */
export type Held = Endpoint & { readonly ports: readonly PortBinding[] };

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: { readonly code?: string; readonly message: string };
}

/**
 * A host with a network of its own (the driver runs in it), a world beyond it that knows no way to the
 * containers, and containers: processes with an empty network namespace. All of it ends with the lab.
 */
export class NetworkLab implements AsyncDisposable {
  readonly directory: string;
  readonly host: Namespace;
  readonly world: Namespace;
  readonly hostAddress = '192.0.2.1';
  readonly worldAddress = '192.0.2.2';
  readonly #children: ChildProcess[] = [];
  readonly #bundle: string;
  #driver: Driver | undefined;
  #withoutNft = false;

  private constructor(directory: string, namespaces: readonly [ChildProcess, ChildProcess]) {
    this.directory = directory;
    this.#bundle = join(root, 'node_modules/.cache', basename(directory), 'driver.mjs');
    this.#children.push(...namespaces);
    this.host = new Namespace(namespaces[0]);
    this.world = new Namespace(namespaces[1]);
  }

  static async start(): Promise<NetworkLab> {
    const directory = await mkdtemp(join(tmpdir(), 'tsmachine-network-'));
    const lab = new NetworkLab(directory, [await unshared(), await unshared()]);
    await bundleDriver(lab.#bundle);
    await lab.host.ip(`link add world type veth peer name eth0 netns ${lab.world.pid}
link set lo up
addr add ${lab.hostAddress}/24 dev world
link set world up`);
    await lab.world.ip(`link set lo up\naddr add ${lab.worldAddress}/24 dev eth0\nlink set eth0 up`);
    return lab;
  }

  /** Starts an agent's network in the host; a second call is the agent's restart. */
  async openNetwork(running: readonly (readonly [string, number])[] = [], subnet?: string): Promise<Driver> {
    await this.#driver?.kill();
    const hiding = this.#withoutNft ? `mount --bind ${this.directory}/iptables /usr/sbin && ` : '';
    const script = `mount -t sysfs sysfs /sys && ${hiding}exec "$0" "$1"`; // /sys shows the namespace it is mounted in
    const argv = ['unshare', '--mount', 'sh', '-c', script, process.execPath, this.#bundle];
    const child = start(this.host.argv(argv), { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#children.push(child);
    this.#driver = new Driver(child);
    const stateDir = join(this.directory, 'state');
    const options = {
      stateDir,
      name: 'bridge',
      bridge: 'tsmachine0',
      ...(subnet && { settings: { bip: subnet } }),
    };
    await this.#driver.call('open', options);
    await this.#driver.call('restore', running);
    return this.#driver;
  }

  /** From now on agents find neither nft nor nftables' iptables: only the older iptables and what they need beside. */
  async hideNft(): Promise<void> {
    const directory = join(this.directory, 'iptables');
    await mkdir(directory);
    for (const name of ['iptables', 'ip6tables']) {
      for (const end of ['', '-save', '-restore']) {
        await symlink(join(directory, 'xtables-legacy-multi'), join(directory, `${name}${end}`));
        await symlink(join(directory, 'xtables-legacy-multi'), join(directory, `${name}-legacy${end}`));
      }
    }
    await copyFile('/usr/sbin/xtables-legacy-multi', join(directory, 'xtables-legacy-multi'));
    this.#withoutNft = true;
  }

  /** A container process without network. */
  async container(): Promise<Namespace> {
    const child = await unshared();
    this.#children.push(child);
    return new Namespace(child);
  }

  /** Serves on port 80 of a namespace: a page of the name and the address that the client seems to have. */
  async serve(where: Namespace, name: string): Promise<void> {
    const home = join(this.directory, name);
    await mkdir(join(home, 'cgi-bin'), { recursive: true });
    await writeFile(
      join(home, 'cgi-bin/who'),
      `#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\n%s %s' ${name} "$REMOTE_ADDR"\n`,
    );
    await chmod(join(home, 'cgi-bin/who'), 0o755);
    const argv = where.argv(['busybox', 'httpd', '-f', '-p', '0.0.0.0:80', '-h', home]);
    this.#children.push(start(argv, { stdio: 'ignore' }));
    await waitUntil(async () => (await where.fetch('127.0.0.1')) || undefined, {
      what: `the server ${name}`,
      timeoutMs: 30_000,
      intervalMs: 20,
    });
  }

  /** Serves UDP: answers each packet with itself. */
  async serveUdp(where: Namespace, port: number): Promise<void> {
    const source = `const s = require('node:dgram').createSocket('udp4');
      s.on('message', (m, r) => s.send(m, r.port, r.address)); s.bind(${port}, () => console.log('ready'))`;
    const child = start(where.argv([process.execPath, '-e', source]), {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#children.push(child);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#children.map(end));
    await rm(this.directory, { recursive: true, force: true });
    await rm(dirname(this.#bundle), { recursive: true, force: true });
  }
}

/** A network namespace, kept by a process. */
export class Namespace {
  readonly pid: number;
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    if (child.pid === undefined) throw new Error('not started');
    this.pid = child.pid;
    this.#child = child;
  }

  argv(command: readonly string[]): readonly string[] {
    return ['nsenter', '-t', String(this.pid), '-n', ...command];
  }

  async run(...command: readonly string[]): Promise<CommandResult> {
    return run(this.argv(command), { timeoutMs: 30_000 });
  }

  async output(...command: readonly string[]): Promise<string> {
    return (await runOrThrow(this.argv(command), { timeoutMs: 30_000 })).stdout;
  }

  async ip(batch: string): Promise<void> {
    await runOrThrow(this.argv(['ip', '-batch', '-']), { input: `${batch}\n`, timeoutMs: 30_000 });
  }

  /** The page that `NetworkLab.serve` makes; empty when it does not answer. */
  async fetch(authority: string): Promise<string> {
    const [, host = authority, port = '80'] = /^(.*?)(?::(\d+))?$/.exec(authority) ?? [];
    const request =
      'exec 3<>"/dev/tcp/$0/$1"; printf "GET /cgi-bin/who HTTP/1.0\\r\\n\\r\\n" >&3; exec cat <&3';
    const address = host.replace(/[[\]]/g, '');
    const { stdout } = await this.run('timeout', '2', 'bash', '-c', request, address, port);
    return stdout.split('\r\n\r\n')[1] ?? '';
  }

  /** What comes back for a UDP packet; "nothing" after a second. */
  async echoUdp(address: string, port: number, from = 0): Promise<string> {
    const source = `const s = require('node:dgram').createSocket('udp4');
      s.on('message', (m) => { console.log(String(m)); s.close(); process.exit(); });
      s.on('error', () => {}); s.bind(${from}, () => s.send('echo', ${port}, '${address}')); setTimeout(() => { console.log('nothing'); s.close(); }, 1000)`;
    return (await this.output(process.execPath, '-e', source)).trim();
  }

  async end(): Promise<void> {
    await end(this.#child);
  }
}

export class Driver {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #nextId = 1;

  constructor(child: ChildProcess) {
    this.#child = child;
    if (!child.stdout) throw new Error('no stdout');
    createInterface({ input: child.stdout }).on('line', (line) => {
      const answer: Answer = JSON.parse(line);
      this.#waiting.get(answer.id)?.(answer);
    });
    child.once('exit', () => {
      for (const [id, resolve] of this.#waiting) resolve({ id, error: { message: 'the driver has ended' } });
    });
  }

  async reserve(name: string, ports: readonly PortBinding[] = []): Promise<Held> {
    // The driver answers with what NftNetworks returned.
    return (await this.call('reserve', { id: containerId(name), name }, ports)) as Held;
  }

  async connect(name: string, where: Namespace): Promise<void> {
    await this.call('connect', containerId(name), where.pid);
  }

  async release(name: string): Promise<void> {
    await this.call('release', containerId(name));
  }

  async call<M extends Call['method']>(
    method: M,
    ...args: Extract<Call, { method: M }>['args']
  ): Promise<unknown> {
    const id = this.#nextId++;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.set(id, resolve);
    this.#child.stdin?.write(`${JSON.stringify({ id, method, args })}\n`);
    const { value, error } = await promise;
    if (error) throw Object.assign(new Error(error.message), { code: error.code });
    return value;
  }

  /** As a crash. */
  async kill(): Promise<void> {
    await end(this.#child);
  }
}

/** 64 hex digits, the same ones for the same name. */
export function containerId(name: string): string {
  return Buffer.from(name).toString('hex').padEnd(64, '0');
}

async function unshared(): Promise<ChildProcess> {
  const child = start(['unshare', '--net', 'sh', '-c', 'echo ready; exec sleep 600'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = exitOf(child, ['child']);
  child.kill('SIGKILL');
  await ended;
}

/** Beside the packages: koffi is found by its name there. */
async function bundleDriver(bundle: string): Promise<void> {
  await runOrThrow([
    join(root, 'node_modules/.bin/esbuild'),
    join(import.meta.dirname, 'driver.ts'),
    '--bundle',
    '--platform=node',
    '--format=esm',
    '--external:koffi',
    '--log-level=warning',
    `--outfile=${bundle}`,
  ]);
}
