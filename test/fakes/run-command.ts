import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Config } from '@oclif/core';
import type { BaseCommand } from '../../src/cli/base-command.js';
import { exitCodeOf } from '../../src/cli/exit-code.js';
import { RegistryLogins } from '../../src/cli/registry/registry-logins.js';
import type { Services } from '../../src/cli/services.js';
import { registryLoginsPath } from '../../src/machine/store/storage.js';
import { fakeCatalog } from './fake-driver.js';
import { fileVault, type Workshop } from './workshop.js';

export interface CommandOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly environment?: NodeJS.ProcessEnv;
  readonly services?: Partial<Services>;
}

type CommandClass = { new (argv: string[], config: Config): BaseCommand; id: string };

/** Runs a command in this process on the workshop's store and fakes, and catches what it prints. */
export async function runCommand(
  shop: Workshop,
  Class: CommandClass,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<CommandOutcome> {
  Class.id = Class.name.toLowerCase();
  const command = new Class([...argv], await config());
  const services: Services = {
    machines: shop.machines,
    logins: new RegistryLogins({
      index: registryLoginsPath(shop.storage),
      dockerConfig: join(shop.storage, 'docker'),
      vault: fileVault(shop.storage),
      environment: process.env,
    }),
    drivers: async () => fakeCatalog(shop.driver),
    ...options.services,
  };
  const environment = { TSMACHINE_STORAGE_PATH: shop.storage, ...options.environment };
  Object.defineProperties(command, {
    createServices: { value: () => services },
    environment: { value: environment },
  });
  const capture = captureOutput();
  let code = 0;
  try {
    await command.start();
  } catch (error) {
    code = exitCodeOf(error);
  } finally {
    capture.stop();
  }
  return { code, stdout: capture.stdout(), stderr: capture.stderr() };
}

function captureOutput() {
  const texts = { stdout: '', stderr: '' };
  const restore = (['stdout', 'stderr'] as const).map((name) => {
    const stream = process[name];
    const write = stream.write;
    stream.write = (chunk: string | Uint8Array): boolean => {
      texts[name] += String(chunk);
      return true;
    };
    return () => {
      stream.write = write;
    };
  });
  return {
    stdout: () => texts.stdout,
    stderr: () => texts.stderr,
    stop() {
      for (const undo of restore) undo();
    },
  };
}

let loaded: Promise<Config> | undefined;

/** Of a package without commands: commands are given as classes here. */
function config(): Promise<Config> {
  loaded ??= loadConfig();
  return loaded;
}

async function loadConfig(): Promise<Config> {
  const root = await mkdtemp(join(tmpdir(), 'tsmachine-config-'));
  try {
    const manifest = {
      name: 'tsmachine',
      version: '0.0.0',
      oclif: { bin: 'tsmachine', topicSeparator: ' ' },
    };
    await writeFile(join(root, 'package.json'), JSON.stringify(manifest));
    return await Config.load({ root });
  } finally {
    await rm(root, { recursive: true });
  }
}
