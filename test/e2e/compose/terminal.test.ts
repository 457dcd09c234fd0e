import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { waitUntil } from '../../../src/shared/wait-until.js';
import { openTerminal } from '../../support/terminal.js';
import { type ComposeLab, composeLab, type LabProject } from './lab.js';

const [ctrlC, ctrlP, ctrlQ] = ['\x03', '\x10', '\x11'];

let lab: ComposeLab;
beforeAll(async () => {
  lab = await composeLab(['boxes']);
}, 320_000);
afterAll(() => lab[Symbol.asyncDispose]());

/** `tsmachine compose …` of a project on a terminal of its own. */
function terminal(project: LabProject, ...words: readonly string[]) {
  const argv = [resolve('bin/tsmachine.cjs'), 'compose', '--file', join(project.directory, 'compose.yaml')];
  return openTerminal([...argv, ...words], { env: lab.store.env });
}

function inAnyOrder(one: string, other: string): RegExp {
  return new RegExp(`${one}.*${other}|${other}.*${one}`, 's');
}

const greeter = (script: string) => `
services:
  web: { image: busybox, command: ["sh", "-c", ${JSON.stringify(script)}], stop_grace_period: 60s }
`;
const patient = 'trap "exit 0" TERM; echo ready; while :; do sleep 0.1; done';
/** Nothing but SIGKILL ends it. */
const stubborn = 'trap "" TERM; echo ready; while :; do sleep 0.1; done';

test('Ctrl-C stops what up shows, and a second one kills it', async () => {
  const kind = await lab.project('kind', greeter(patient));
  await using once = await terminal(kind, 'up');
  await once.until(/web-1 .*ready/);
  once.type(ctrlC);
  await once.until('Gracefully stopping...');
  expect(await once.end()).toMatchObject({ code: 130, isRestored: true });
  expect(await kind.ok('ps', '-a', '--format', '{{.State}} {{.ExitCode}}')).toBe('exited 0\n');
  await kind.ok('down');

  const unkind = await lab.project('unkind', greeter(stubborn));
  await using twice = await terminal(unkind, 'up');
  await twice.until(/web-1 .*ready/);
  twice.type(ctrlC);
  await twice.until('Gracefully stopping...');
  twice.type(ctrlC);
  expect(await twice.end()).toMatchObject({ code: 130, isRestored: true });
  expect(await unkind.ok('ps', '-a', '--format', '{{.State}} {{.ExitCode}}')).toBe('exited 137\n');
  await unkind.ok('down');
});

test('up goes on with containers that are replaced, restarted and added from another shell', async () => {
  const project = await lab.project('followed', greeter(patient));
  await using up = await terminal(project, 'up');
  await up.until(/web-1 .*ready/);

  await project.ok('up', '-d', '--force-recreate');
  await up.until(inAnyOrder('has been recreated', 'ready'));
  await project.ok('restart');
  await up.until(/web-1 .*ready/);
  expect((await project.dockerCompose(['up', '-d', '--force-recreate'])).code).toBe(0);
  await up.until(/web-1 .*ready/);
  await project.ok('up', '-d', '--scale', 'web=2');
  await up.until(/web-2 .*ready/);
  await project.ok('stop');

  expect(await up.end()).toMatchObject({ code: 0, isRestored: true });
  await project.ok('down');
});

test('up --watch brings changes to the containers that it shows', async () => {
  const project = await lab.project('shown', {
    'compose.yaml': `
services:
  app:
    build: .
    init: true
    command: sh -c 'echo "version $$(cat /version)"; exec sleep 600'
    develop:
      watch: [{ path: src, target: /src, action: sync }, { path: Dockerfile, action: rebuild }]
`,
    Dockerfile: 'FROM busybox\nRUN echo one > /version\n',
    'src/file': 'old',
  });
  await using up = await terminal(project, 'up', '--watch');
  await up.until(inAnyOrder('version one', 'Watch enabled'));
  await writeFile(join(project.directory, 'src/file'), 'new');
  await waitUntil(
    async () =>
      (await project.compose('exec', '-T', 'app', 'cat', '/src/file')).stdout === 'new' || undefined,
    { what: 'the file in the container', timeoutMs: 60_000 },
  );
  await writeFile(join(project.directory, 'Dockerfile'), 'FROM busybox\nRUN echo two > /version\n');
  await up.until('version two');
  up.type(ctrlC);

  expect(await up.end()).toMatchObject({ code: 130, isRestored: true });
  expect(await project.ok('ps', '-q')).toBe('');
  await project.ok('down', '--rmi', 'local');
});

test('--watch has nothing to do without develop.watch, and says so before anything is made', async () => {
  const project = await lab.project('unwatched', greeter(patient));
  const outcome = await project.compose('up', '--watch');
  const detached = await project.compose('up', '--watch', '-d');

  expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('configured for watch') });
  expect(detached).toMatchObject({ code: 1, stderr: expect.stringContaining('--watch cannot be combined') });
  expect(await project.ok('ps', '-aq')).toBe('');
});

test('exec, run and attach have a terminal of the right size; the detach keys leave them', async () => {
  const teller = `trap 'echo "size $(stty size)"' WINCH; echo up; while :; do sleep 0.1; done`;
  const project = await lab.project(
    'sized',
    `
services:
  box: { image: busybox, init: true, tty: true, stdin_open: true, command: ["sh", "-c", ${JSON.stringify(teller.replaceAll('$', '$$$$'))}] }
`,
  );
  await project.ok('up', '-d');
  for (const words of [
    ['exec', 'box', 'sh', '-c', teller],
    ['run', '--rm', 'box'],
    ['attach', 'box'],
  ]) {
    await using session = await terminal(project, ...words);
    if (words[0] !== 'attach') await session.until('up');
    await session.resize(31, 101);
    await session.until('size 31 101');
    session.type(words[0] === 'attach' ? `${ctrlP}${ctrlQ}` : ctrlC);
    const end = await session.end();
    expect({ words, ...end }).toMatchObject({ isRestored: true, code: words[0] === 'attach' ? 1 : 130 });
  }
  expect(await project.ok('ps', '--format', '{{.Name}} {{.State}}')).toBe('sized-box-1 running\n');

  await using logs = await terminal(project, 'logs', '-f');
  await logs.until('up');
  logs.type(ctrlC);
  expect(await logs.end()).toMatchObject({ code: 130, isRestored: true });
  expect(logs.output).not.toContain('interrupted');
  await project.ok('down', '-t', '0');
});
