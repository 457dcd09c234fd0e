import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from '../../../src/shared/spawn.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import { type CallOptions, createTestStore, type Outcome, type TestStore } from '../../support/tsmachine.js';

/** A store with running machines that have busybox, and projects in directories of its own. */
export interface ComposeLab extends AsyncDisposable {
  readonly store: TestStore;
  /** The environment in which docker's tools work on the first machine. */
  readonly dockerEnv: NodeJS.ProcessEnv;
  project(name: string, files: Readonly<Record<string, string>> | string): Promise<LabProject>;
}

export interface LabProject {
  readonly directory: string;
  /** Replaces compose.yaml. */
  write(text: string): Promise<void>;
  compose(...args: readonly string[]): Promise<Outcome>;
  /** As `compose`, but throws unless it exits with 0; answers stdout. */
  ok(...args: readonly string[]): Promise<string>;
  /** Docker Compose 2 of Debian 13, or another one, on the same project. */
  dockerCompose(args: readonly string[], program?: readonly string[]): Promise<Outcome>;
}

export const dockerCompose2 = join(
  process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
  'tsmachine/buildkit-clients/cli-plugins/docker-compose',
);

export async function composeLab(machines: readonly string[]): Promise<ComposeLab> {
  const store = await createTestStore();
  await store.expectOk(['create', ...machines], { timeoutMs: 300_000 });
  await store.expectOk(['use', machines[0] ?? '']);
  const image = await buildTinyImage(store.path);
  for (const machine of machines) await store.expectOk(['load', '-m', machine, '-i', image]);
  const dockerEnv = await store.dockerEnv(machines[0] ?? '');

  async function project(
    name: string,
    files: Readonly<Record<string, string>> | string,
  ): Promise<LabProject> {
    const directory = join(store.path, 'projects', name);
    const all = typeof files === 'string' ? { 'compose.yaml': files } : files;
    for (const [path, text] of Object.entries(all)) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), text);
    }
    const place = ['compose', '--project-directory', directory, '--file', join(directory, 'compose.yaml')];
    const compose = (args: readonly string[], options: CallOptions = {}) =>
      store.call([...place, '--progress', 'plain', ...args], { timeoutMs: 120_000, ...options });
    return {
      directory,
      write: (text) => writeFile(join(directory, 'compose.yaml'), text),
      compose: (...args) => compose(args),
      async ok(...args) {
        const { code, stdout, stderr } = await compose(args);
        if (code !== 0)
          throw new Error(`compose ${args.join(' ')} exited with ${code}\n${stdout}\n${stderr}`);
        return stdout;
      },
      dockerCompose: (args, program = [dockerCompose2]) =>
        run([...program, ...args], { cwd: directory, env: dockerEnv, timeoutMs: 120_000 }),
    };
  }

  return { store, dockerEnv, project, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}
