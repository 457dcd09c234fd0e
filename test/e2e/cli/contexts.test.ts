import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { run, runOrThrow } from '../../../src/shared/spawn.js';
import { openTerminal } from '../../support/terminal.js';
import { createTestStore, newestDockerClient, type TestStore } from '../../support/tsmachine.js';

// docker and tsmachine beside each other, each on files of its own, and then on those of the other.
let store: TestStore;
let docker: string;
let home: string;
const endpoint = () =>
  `host=tcp://192.0.2.7:2376,ca=${home}/cert.pem,cert=${home}/cert.pem,key=${home}/key.pem`;

beforeAll(async () => {
  store = await createTestStore();
  docker = await newestDockerClient();
  home = join(store.path, 'home');
  await mkdir(home);
  const subject = ['-subj', '/CN=test', '-days', '2', '-nodes', '-newkey', 'ec', '-pkeyopt'];
  const files = ['-keyout', join(home, 'key.pem'), '-out', join(home, 'cert.pem')];
  await runOrThrow(['openssl', 'req', '-x509', ...subject, 'ec_paramgen_curve:prime256v1', ...files]);
});
afterAll(() => store[Symbol.asyncDispose]());

const config = (name: string) => ({ DOCKER_CONFIG: join(home, name) });

async function theirs(words: readonly string[], name = 'docker', input?: Uint8Array) {
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, ...config(name) };
  return run([docker, 'context', ...words], { env, cwd: home, ...(input && { input }) });
}

function ours(words: readonly string[], name = 'tsmachine', input?: Uint8Array) {
  return store.call(['context', ...words], { env: config(name), cwd: home, ...(input && { input }) });
}

test('contexts are made, changed and removed as docker does it, in files that docker reads', async () => {
  const lines = [
    ['create', 'far', '--description', 'far away', '--docker', endpoint()],
    ['create', 'plain', '--docker', 'host=ssh://me@host', '--docker', 'skip-tls-verify=true'],
    ['create', 'copy', '--from', 'far'],
    ['create', 'described', '--from', 'far', '--description', 'as far'],
    ['create', 'keys', '--docker', 'from=far'],
    ['create', 'current'],
    ['update', 'copy', '--docker', 'host=tcp://192.0.2.8:2376'],
    ['update', 'described', '--description', 'nearer'],
    ['use', 'far'],
    ['create', 'used'],
    ['rm', 'keys', 'current'],
  ];

  for (const line of lines) {
    const outcome = await ours(line);
    expect(outcome).toMatchObject({ code: 0, stdout: (await theirs(line)).stdout });
  }

  for (const words of [
    ['ls', '--format', 'json'],
    ['inspect', '-f', '{{.Name}} {{.Endpoints.docker.Host}} {{.TLSMaterial}}', 'far', 'plain', 'copy'],
  ]) {
    expect((await ours(words)).stdout).toBe((await theirs(words)).stdout);
    expect((await theirs(words, 'tsmachine')).stdout).toBe((await theirs(words)).stdout);
    expect((await ours(words, 'docker')).stdout).toBe((await theirs(words)).stdout);
  }
  for (const names of [['far', 'plain', 'copy', 'described', 'used'], ['default'], []]) {
    const inspected = JSON.parse((await ours(['inspect', ...names], 'docker')).stdout);
    expect(inspected).toEqual(JSON.parse((await theirs(['inspect', ...names])).stdout));
  }
  expect(await modes(join(home, 'tsmachine', 'contexts'))).toEqual(
    await modes(join(home, 'docker', 'contexts')),
  );
});

test('what one exports the other imports', async () => {
  await ours(['create', 'given', '--description', 'to others', '--docker', endpoint()]);

  expect(await ours(['export', 'given'])).toMatchObject({ code: 0, stdout: '' });
  const file = join(home, 'given.dockercontext');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await theirs(['import', 'taken', file])).toMatchObject({ code: 0, stdout: 'taken\n' });
  expect(await theirs(['export', 'taken', 'back.dockercontext'])).toMatchObject({ code: 0 });
  const archive = await readFile(join(home, 'back.dockercontext'));
  expect(await ours(['import', 'again', '-'], 'tsmachine', archive)).toMatchObject({ stdout: 'again\n' });
  expect(await ours(['import', 'file', 'back.dockercontext'])).toMatchObject({ stdout: 'file\n' });

  const [given, again, other] = JSON.parse((await ours(['inspect', 'given', 'again', 'file'])).stdout);
  expect(again).toEqual({ ...given, Name: 'again', Storage: again.Storage });
  expect(other.TLSMaterial).toEqual({ docker: ['ca.pem', 'cert.pem', 'key.pem'] });
  expect(await readFile(join(again.Storage.TLSPath, 'docker', 'key.pem'), 'utf8')).toBe(
    await readFile(join(home, 'key.pem'), 'utf8'),
  );
});

test('without another one, the context is what the environment of a machine says', async () => {
  const env = {
    ...config('environment'),
    DOCKER_HOST: 'tcp://192.0.2.9:2376',
    DOCKER_TLS_VERIFY: '1',
    DOCKER_CERT_PATH: join(home, 'certificates'),
  };
  await mkdir(env.DOCKER_CERT_PATH);
  for (const file of ['ca.pem', 'cert.pem', 'key.pem']) {
    const source = file === 'key.pem' ? 'key.pem' : 'cert.pem';
    await writeFile(join(env.DOCKER_CERT_PATH, file), await readFile(join(home, source)));
  }
  await store.expectOk(['context', 'create', 'saved'], { env });

  const [saved] = JSON.parse((await theirs(['inspect', 'saved'], 'environment')).stdout);
  expect(saved.Endpoints.docker.Host).toBe('tcp://192.0.2.9:2376');
  expect(saved.TLSMaterial).toEqual({ docker: ['ca.pem', 'cert.pem', 'key.pem'] });
});

test.each([
  ['a name that docker does not take', ['create', 'a b', '--docker', 'host=tcp://h'], /"a b" is invalid/],
  ['the name of the default', ['create', 'default'], /"default" is a reserved context name/],
  ['a name that is there', ['create', 'there', '--docker', 'host=tcp://h'], /"there" already exists/],
  ['an unknown key', ['create', 'bad', '--docker', 'hast=tcp://h'], /unrecognized config key: hast/],
  ['a host that is none', ['create', 'bad', '--docker', 'host=h'], /unable to parse docker host `h`/],
  [
    'two sources',
    ['create', 'bad', '--from', 'there', '--docker', 'host=tcp://h'],
    /cannot use --docker flag/,
  ],
  [
    'nonsense for a switch',
    ['create', 'bad', '--docker', 'skip-tls-verify=x'],
    /parsing "x": invalid syntax/,
  ],
  ['a source that is missing', ['create', 'bad', '--from', 'gone'], /context "gone": context not found/],
  ['an update of nothing', ['update', 'gone'], /context "gone": context not found/],
  ['an update of the default', ['update', 'default'], /"default" is a reserved context name/],
  ['a removal of the default', ['rm', 'default'], /"default" cannot be removed/],
  ['an export of nothing', ['export', 'gone'], /context "gone": context not found/],
  ['an import of what is there', ['import', 'there', 'x'], /"there" already exists/],
])('%s is refused in docker’s words', async (_, words, message) => {
  for (const side of [ours, theirs]) {
    await side(['create', 'there', '--docker', 'host=tcp://h'], 'refusals');
    const outcome = await side(words, 'refusals');
    expect(outcome.code).not.toBe(0);
    expect(outcome.stderr).toMatch(message);
    expect((await side(['ls', '-q'], 'refusals')).stdout).toBe('default\nthere\n');
    await rm(join(home, 'refusals'), { recursive: true });
  }
});

test('files that are no context, or in the way, are refused and left as they are', async () => {
  await ours(['create', 'there', '--docker', 'host=tcp://h'], 'files');
  for (const name of ['text', 'there.dockercontext', 'empty']) {
    await writeFile(join(home, name), name === 'empty' ? '' : 'some text\n'.repeat(100));
  }

  expect(await ours(['export', 'there'], 'files')).toMatchObject({ code: 1, stdout: '' });
  expect(await readFile(join(home, 'there.dockercontext'), 'utf8')).toContain('some text');
  expect((await ours(['import', 'bad', 'empty'], 'files')).stderr).toContain('no metadata found');
  expect((await ours(['import', 'bad', 'text'], 'files')).stderr).toContain('no tar archive');
  expect((await ours(['import', 'bad', 'missing'], 'files')).stderr).toContain('no such file');
  expect((await ours(['ls', '-q'], 'files')).stdout).toBe('default\nthere\n');
});

test('the context in use is removed only when that is forced; others are, whatever else is wrong', async () => {
  for (const name of ['one', 'two']) await ours(['create', name, '--docker', 'host=tcp://h'], 'use');
  await ours(['use', 'one'], 'use');

  const refused = await ours(['rm', 'gone', 'one', 'two'], 'use');
  expect(refused).toMatchObject({ code: 1, stdout: 'two\n' });
  expect(refused.stderr).toMatch(
    /context "gone".*\n(.*\n)*.*context "one" is in use, set -f flag to force remove/,
  );
  expect(await ours(['rm', '-f', 'one', 'gone'], 'use')).toMatchObject({ code: 0, stdout: 'one\ngone\n' });
  expect((await theirs(['show'], 'use')).stdout).toBe('default\n');
});

test('no archive is written to a terminal', async () => {
  await ours(['create', 'secret', '--docker', endpoint()], 'terminal');
  const argv = [resolve('bin/tsmachine.cjs'), 'context', 'export', 'secret', '-'];
  await using terminal = await openTerminal(argv, { env: { ...store.env, ...config('terminal') } });

  expect((await terminal.end()).text).toContain('cowardly refusing');
});

/** Of all files below and the directories in which they are, by their paths. */
async function modes(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const paths = files.flatMap(({ parentPath, name }) => [parentPath, join(parentPath, name)]);
  const found = [...new Set(paths)].map(async (path) => {
    const { mode } = await stat(path);
    return `${(mode & 0o777).toString(8)} ${relative(directory, path)}`;
  });
  return (await Promise.all(found)).sort();
}
