/**
 * The two hosts: sandboxes of the same kind, made by the built CLI in a store of their own, so that both engines
 * have the same file system, the same kind of network and the same limits.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from './command.mjs';

const launcher = join(import.meta.dirname, '../bin/tsmachine.cjs');

export async function openHosts({ keep }) {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new Error('the benchmark makes sandboxes: run it as root on Linux');
  }
  const storage = await mkdtemp(join(tmpdir(), 'tsmachine-bench-'));
  return new Hosts(storage, keep);
}

class Hosts {
  #storage;
  #keep;
  #names = [];
  #closed;

  constructor(storage, keep) {
    this.#storage = storage;
    this.#keep = keep;
  }

  /**
   * The environment in which `tsmachine` means this store and nothing else of the user's; nor are certificates read
   * that Node is told to trust besides its own, which takes longer than the rest of a connection.
   */
  get env() {
    const foreign = /^(DOCKER|TSMACHINE|MACHINE)_|^NODE_EXTRA_CA_CERTS$/;
    const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
    return { ...Object.fromEntries(own), TSMACHINE_STORAGE_PATH: this.#storage };
  }

  /** The words before the arguments of `tsmachine`. */
  get tsmachine() {
    return [process.execPath, launcher];
  }

  async create(name) {
    this.#names.push(name);
    await this.run('create', name);
  }

  async run(...args) {
    return command([...this.tsmachine, ...args], { env: this.env });
  }

  /** Runs a shell script on the host, as root. */
  async shell(name, script) {
    return command([...this.tsmachine, 'ssh', name, 'sh', '-s'], { env: this.env, input: script });
  }

  async address(name) {
    return (await this.run('ip', name)).trim();
  }

  /** Where ca.pem, cert.pem, key.pem, server.pem and server-key.pem of a machine are. */
  certificates(name) {
    return join(this.#storage, 'machines', name);
  }

  /** Removes the machines and the store; a second call waits for the first. */
  async close() {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close() {
    if (this.#keep) {
      process.stderr.write(`› kept: TSMACHINE_STORAGE_PATH=${this.#storage} tsmachine ls\n`);
      return;
    }
    for (const name of this.#names) {
      await this.run('rm', '--force', name).catch((error) => process.stderr.write(`${error.message}\n`));
    }
    await rm(this.#storage, { recursive: true, force: true });
  }
}
