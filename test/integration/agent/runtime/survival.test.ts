import { readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { readLog } from '../../../../src/agent/logs/read-log.js';
import { exitOf, start } from '../../../../src/shared/spawn.js';
import { processesNaming } from '../engine/support/processes.js';
import { ContainerLab, openRuntime, outputOf } from './container-lab.js';

test('a container outlives the SIGKILL of the process that created it', async () => {
  await using lab = await ContainerLab.open();
  const { id } = await lab.create(['sh', '-c', 'read x; echo "got $x"; exit 9'], {
    stdin: true,
    stdinOnce: false,
  });
  await startAndDie(lab, id);

  const runtime = openRuntime('crun', join(lab.root, 'state'));
  expect(await runtime.find(id)).toBeGreaterThan(1);
  const exited = runtime.exited(id);
  const attachment = await runtime.attach(id);
  const output = outputOf(attachment);
  attachment.stdin.write('news\n');
  expect(await output).toMatchObject({ stdout: 'got news\n' });
  expect(await exited).toMatchObject({ code: 9 });
  expect(await textOf(`${lab.root}/bundles/${id}/container.log`)).toBe('got news\n');
  await runtime.delete(id);
  runtime.close();
});

test('exited() answers the exit of a container that ended while no agent was there', async () => {
  await using lab = await ContainerLab.open();
  const { id } = await lab.start(['sh', '-c', 'exit 3']);
  await lab.runtime.exited(id);
  const later = openRuntime('crun', join(lab.root, 'state'));
  expect(await later.exited(id)).toMatchObject({ code: 3 });
  expect(await later.find(id)).toBeUndefined();
  later.close();
});

test('exited() answers undefined when the monitor was killed', async () => {
  await using lab = await ContainerLab.open();
  const { id } = await lab.start(['sleep', '100']);
  const exited = lab.runtime.exited(id);
  const { readFile } = await import('node:fs/promises');
  process.kill(Number(await readFile(`${lab.root}/state/containers/${id}/conmon.pid`, 'utf8')), 'SIGKILL');
  expect(await exited).toBeUndefined();
  expect(await lab.runtime.find(id)).toBeUndefined();
});

test.each([
  ['after it has made a container', ':'],
  ['before it has written down what it made', 'rm -r "$(dirname "$0")"/../crun/*'],
])(
  'a runtime that is killed %s fails the launch and leaves nothing',
  async (_when, before) => {
    await using lab = await ContainerLab.openScripted(
      `case " $* " in *" create "*) /usr/bin/crun "$@"; ${before}; kill -9 $$;; *) exec /usr/bin/crun "$@";; esac`,
    );
    await expect(lab.create(['sleep', '100'])).rejects.toMatchObject({ code: 'RUNTIME_FAILED' });
    expect(await readdir(join(lab.root, 'state/containers'))).toEqual([]);
    expect(await readdir(join(lab.root, 'state/crun'))).toEqual([]);
    expect((await processesNaming(lab.root)).map(({ argv }) => argv.join(' '))).toEqual([]);
  },
  60_000,
);

/** Another process, with a runtime of its own, starts the container and kills itself. */
async function startAndDie(lab: ContainerLab, id: string): Promise<void> {
  const source = fileURLToPath(new URL('../../../../src/agent/runtime/conmon-runtime.ts', import.meta.url));
  const packages = join(dirname(source), '../../../node_modules');
  const script = join(lab.root, 'agent.mjs');
  await writeFile(
    join(lab.root, 'agent.ts'),
    `import { ConmonRuntime } from ${JSON.stringify(source)};
    const options = { runtime: '/usr/bin/crun', conmon: '/usr/bin/conmon', stateRoot: process.argv[2] };
    const runtime = new ConmonRuntime(options);
    await runtime.start(process.argv[3]);
    void runtime.exited(process.argv[3]);
    process.kill(process.pid, 'SIGKILL');`,
  );
  await build({
    entryPoints: [join(lab.root, 'agent.ts')],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    alias: { koffi: join(packages, 'koffi/index.js') },
    external: [join(packages, 'koffi/index.js')],
  });
  const argv = [process.execPath, script, join(lab.root, 'state'), id];
  expect(await exitOf(start(argv, { stdio: 'inherit' }), argv)).toBeUndefined();
}

async function textOf(path: string): Promise<string> {
  let text = '';
  for await (const { payload } of readLog(path, { stdout: true, stderr: true })) text += payload;
  return text;
}
