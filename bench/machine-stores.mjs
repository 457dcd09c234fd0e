/** Stores with many machines that were never made: hosts over SSH whose ports refuse at once. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from './command.mjs';

/**
 * @param count machines, named m1, m2, …
 * @param address where they are said to be; nothing listens on the port
 * @param hosts see bench/hosts.mjs: `tsmachine`
 * @returns { env, remove } the environment that means this store
 */
export async function makeStore(count, address, { tsmachine, env }) {
  const path = await mkdtemp(join(tmpdir(), 'tsmachine-bench-'));
  const storeEnv = { ...env, TSMACHINE_STORAGE_PATH: path };
  for (let index = 1; index <= count; index++) await writeRecord(path, `m${index}`, address);
  await command([...tsmachine, 'status', 'm1'], { env: storeEnv }); // makes the certificates
  const files = ['ca.pem', 'cert.pem', 'key.pem'];
  const pems = await Promise.all(files.map((file) => readFile(join(path, 'certs', file))));
  for (let index = 1; index <= count; index++) {
    const directory = join(path, 'machines', `m${index}`);
    await Promise.all(files.map((file, at) => writeFile(join(directory, file), pems[at], { mode: 0o600 })));
  }
  return { env: storeEnv, remove: () => rm(path, { recursive: true, force: true }) };
}

async function writeRecord(path, name, address) {
  const directory = join(path, 'machines', name);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const record = {
    schemaVersion: 1,
    name,
    createdAt: new Date(0).toISOString(),
    ownerTag: `bench-${name}`,
    phase: 'ready',
    driver: {
      name: 'ssh',
      options: { host: address, port: 1 },
      instance: { host: address, port: 1, user: 'root', identityFiles: [], jumpHosts: [], enginePort: 1 },
    },
    engine: { port: 1, labels: [], insecureRegistries: [], registryMirrors: [], tlsSans: [] },
    address,
  };
  await writeFile(join(directory, 'config.json'), JSON.stringify(record), { mode: 0o600 });
}
