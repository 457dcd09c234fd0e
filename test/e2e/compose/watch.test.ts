import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { waitUntil } from '../../../src/shared/wait-until.js';
import { type ComposeLab, composeLab, type LabProject } from './lab.js';

let lab: ComposeLab;
beforeAll(async () => {
  lab = await composeLab(['boxes']);
}, 320_000);
afterAll(() => lab[Symbol.asyncDispose]());

const files = {
  'compose.yaml': `
services:
  app:
    build: app
    init: true
    command: sh -c "echo begun >> /starts; exec sleep 600"
    develop:
      watch:
        - { path: app/src, target: /src, action: sync, ignore: ["*.log"], initial_sync: true }
        - { path: app/conf, target: /conf, action: sync+restart }
        - { path: app/hooks, target: /hooks, action: sync+exec, exec: { command: sh -c "cat /hooks/* > /ran" } }
        - { path: app/Dockerfile, action: rebuild }
`,
  'app/Dockerfile': 'FROM busybox\nRUN echo 1 > /version\n',
  'app/.dockerignore': 'src/secret\n',
  'app/src/first': 'one',
  'app/conf/settings': 'a',
  'app/hooks/hook': 'a',
};

/** `compose watch` of a project, with what it has written so far. */
async function watching(project: LabProject) {
  const place = ['compose', '--file', join(project.directory, 'compose.yaml'), 'watch', '--quiet'];
  const child = spawn(resolve('bin/tsmachine.cjs'), place, {
    env: lab.store.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let written = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      written += chunk;
    });
  }
  const has = (text: string) =>
    waitUntil(async () => written.includes(text) || undefined, {
      ...{ what: `"${text}"`, intervalMs: 50, timeoutMs: 60_000, lastSeen: () => written },
    });
  return { child, ended, has, all: () => written };
}

test('files are synchronised and images rebuilt as they change, until Ctrl-C', async () => {
  const project = await lab.project('watched', files);
  const at = (path: string) => join(project.directory, 'app', path);
  const inside = (command: string) => project.ok('exec', '-T', 'app', 'sh', '-c', command);
  const { child, ended, has, all } = await watching(project);
  const until = (command: string, output: string) =>
    waitUntil(async () => (await inside(command).catch(() => '')) === output || undefined, {
      ...{ what: `"${command}" to write "${output}"`, timeoutMs: 60_000, lastSeen: all },
    });
  await has('⦿ Watch enabled\n');
  expect(await inside('cat /src/first /version')).toBe('one1\n');

  for (const [path, text] of [
    ['secret', 's'],
    ['a.log', 'l'],
    ['second', 'two'],
  ] as const)
    await writeFile(at(`src/${path}`), text);
  await rm(at('src/first'));
  await until('cd /src; ls; cat second', 'second\ntwo');
  expect(all()).toMatch(/⦿ Syncing service "app" after \d changes were detected\n/);

  await mkdir(at('src/deep'));
  await writeFile(at('src/deep/third'), 'three');
  await until('cat /src/deep/third', 'three');
  await rm(at('src/deep'), { recursive: true });
  await until('ls /src', 'second\n');

  await writeFile(at('conf/settings'), 'b');
  await has('⦿ service(s) ["app"] restarted\n');
  await until('cat /conf/settings; wc -l < /starts', 'b2\n');

  await writeFile(at('hooks/hook'), 'b');
  await until('cat /ran', 'b');

  // As editors do it, twice: the file that is watched is another one afterwards.
  for (const version of ['2', '3']) {
    await writeFile(at('Dockerfile.new'), `FROM busybox\nRUN echo ${version} > /version\n`);
    await rename(at('Dockerfile.new'), at('Dockerfile'));
    await until('cat /version', `${version}\n`);
    await has('⦿ service(s) ["app"] successfully built\n');
  }
  expect(all()).toContain('⦿ Rebuilding service(s) ["app"] after changes were detected...\n');

  child.kill('SIGINT');
  expect(await ended).toEqual([130, null]);
  expect(all()).toMatch(/⦿ Watch disabled\n$/);
  await project.ok('down', '-t', '0', '--rmi', 'local');
});
