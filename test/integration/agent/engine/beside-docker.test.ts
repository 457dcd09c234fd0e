import { buildTinyImage } from '../../../support/tiny-image.js';
import { AgentLab } from './support/agent-lab.js';
import { DockerEngine } from './support/docker-engine.js';

let lab: AgentLab;
let theirs: DockerEngine;

beforeAll(async () => {
  lab = await AgentLab.start();
  theirs = new DockerEngine(lab);
  await theirs.start();
  await theirs.docker('load', '-i', await buildTinyImage(lab.directory));
  // As dockerd leaves it on a host that was no router before.
  await lab.inside('iptables', '-P', 'FORWARD', 'DROP');
  await ours('network', 'create', 'other'); // has our rules met that
  await ours('network', 'rm', 'other');
}, 60_000);
afterAll(async () => {
  await theirs[Symbol.asyncDispose]();
  await lab[Symbol.asyncDispose]();
});

async function ours(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.docker(args);
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

const serve = (words: string) => [
  'busybox',
  'sh',
  '-c',
  `echo ${words} >/index.html; httpd -p 81 -h /; httpd -f -p 80 -h /`,
];
const fetch = ['timeout', '2', 'wget', '-qO-'];
const fromHost = (url: string) => lab.inside('busybox', ...fetch, url);
const address = '{{.NetworkSettings.IPAddress}}';

test('both engines publish ports, and their containers reach each other by these and by nothing else', async () => {
  await ours('run', '-d', '--name', 'web', '-p', '8301:80', ...serve('ours'));
  await theirs.docker('run', '-d', '--name', 'web', '-p', '8302:80', ...serve('theirs'));
  const [own, other] = [
    await ours('inspect', '-f', address, 'web'),
    await theirs.docker('inspect', '-f', address, 'web'),
  ];
  const host = (await ours('inspect', '-f', '{{.NetworkSettings.Gateway}}', 'web')).trim();

  expect(own).not.toBe(other);
  expect([await fromHost('http://127.0.0.1:8301/'), await fromHost('http://127.0.0.1:8302/')]).toEqual([
    'ours\n',
    'theirs\n',
  ]);
  expect(await ours('exec', 'web', ...fetch, `http://${host}:8302/`)).toBe('theirs');
  expect(await theirs.docker('exec', 'web', ...fetch, `http://${host}:8301/`)).toBe('ours');
  await expect(ours('exec', 'web', ...fetch, `http://${other}:81/`)).rejects.toThrow();
  await expect(theirs.docker('exec', 'web', ...fetch, `http://${own}:81/`)).rejects.toThrow();
});

test('a port that the other engine has is refused by both', async () => {
  await expect(ours('run', '--rm', '-p', '8302:80', 'busybox', 'true')).rejects.toThrow(
    'address already in use',
  );
  await expect(theirs.docker('run', '--rm', '-p', '8301:80', 'busybox', 'true')).rejects.toThrow(
    'address already in use',
  );
});

test('when either starts again, or all rules are flushed, both have what they had', async () => {
  await lab.endAgent('SIGKILL');
  await lab.startAgent();
  expect(await fromHost('http://127.0.0.1:8302/')).toBe('theirs\n');
  expect(await fromHost('http://127.0.0.1:8301/')).toBe('ours\n');

  await lab.inside('nft', 'flush', 'ruleset');
  await theirs.stop();
  await theirs.start();
  await lab.inside('iptables', '-P', 'FORWARD', 'DROP');
  await lab.endAgent('SIGTERM');
  await lab.startAgent();
  expect(await fromHost('http://127.0.0.1:8302/')).toBe('theirs\n');
  expect(await fromHost('http://127.0.0.1:8301/')).toBe('ours\n');
  const host = (await ours('inspect', '-f', '{{.NetworkSettings.Gateway}}', 'web')).trim();
  expect(await theirs.docker('exec', 'web', ...fetch, `http://${host}:8301/`)).toBe('ours');
});
