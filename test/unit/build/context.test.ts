import { chmod, link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { localContext } from '../../../src/build/context.js';
import { openContext } from '../../../src/build/open-context.js';
import { run } from '../../../src/shared/spawn.js';
import { readTar } from '../../../src/shared/tar/read-tar.js';
import type { TarEntry } from '../../../src/shared/tar/tar-entry.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tsmachine-context-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const signal = new AbortController().signal;

test('a directory is sent without what is ignored, in order, owned by root', async () => {
  await files({ '.dockerignore': 'secret\nlib\n!lib/kept', Dockerfile: 'FROM x', secret: '1' });
  await files({ 'lib/gone': '2', 'lib/kept': '3', 'src/main': '4' });
  await chmod(join(root, 'src/main'), 0o755);

  const sent = await unpack((await localContext(root)).tar);

  expect([...sent.keys()]).toEqual(['.dockerignore', 'Dockerfile', 'lib/kept', 'src/', 'src/main']);
  expect(sent.get('src/main')).toMatchObject({ text: '4', mode: 0o755, uid: 0, gid: 0 });
});

test('links stay links', async () => {
  await files({ Dockerfile: 'FROM x', one: '1' });
  await link(join(root, 'one'), join(root, 'two'));
  await symlink('one', join(root, 'three'));

  const sent = await unpack((await localContext(root)).tar);

  expect(sent.get('two')).toMatchObject({ type: 'hard-link', linkName: 'one' });
  expect(sent.get('three')).toMatchObject({ type: 'symlink', linkName: 'one' });
});

test('an ignored Dockerfile is sent, and one with rules of its own goes by them', async () => {
  await files({ '.dockerignore': '*', 'docker/app': 'FROM x', 'docker/app.dockerignore': 'b', a: '', b: '' });

  const context = await localContext(root, { dockerfile: join(root, 'docker/app') });

  expect(context.dockerfile).toBe('docker/app');
  expect([...(await unpack(context.tar)).keys()]).toEqual([
    '.dockerignore',
    'a',
    'docker/',
    'docker/app',
    'docker/app.dockerignore',
  ]);
});

test('a Dockerfile from elsewhere, or from stdin, goes along under a name of its own', async () => {
  await files({ 'context/a': '1', outside: 'FROM outside' });
  const elsewhere = await localContext(join(root, 'context'), { dockerfile: join(root, 'outside') });
  const typed = await open(join(root, 'context'), '-', 'FROM typed');

  for (const [context, text] of [
    [elsewhere, 'FROM outside'],
    [typed, 'FROM typed'],
  ] as const) {
    expect(context.dockerfile).toMatch(/^\.dockerfile\.[0-9a-f]{20}$/);
    expect((await unpack(context.tar)).get(context.dockerfile ?? '')?.text).toBe(text);
  }
});

test('stdin is an archive, or else a Dockerfile', async () => {
  await files({ 'in/Dockerfile': 'FROM archive' });
  const tar = (await run(['tar', 'c', '-C', join(root, 'in'), '.'])).stdout;
  const archive = await open('-', undefined, tar);
  const dockerfile = await open('-', undefined, 'FROM typed');
  const gzip = await open('-', undefined, Buffer.from([0x1f, 0x8b, 8, 0, 0, 0]));

  expect((await unpack(archive.tar)).get('./Dockerfile')?.text).toBe('FROM archive');
  expect((await unpack(dockerfile.tar)).get('Dockerfile')?.text).toBe('FROM typed');
  expect([archive.isCompressed, gzip.isCompressed]).toEqual([false, true]);
});

test('a repository is checked out at a branch, a directory of it is the context', async () => {
  const git = (...args: string[]) => run(['git', '-C', join(root, 'repository.git'), ...args]);
  await files({ 'repository.git/Dockerfile': 'FROM one', 'repository.git/app/Dockerfile': 'FROM two' });
  await git('init', '--quiet', '-b', 'main');
  await git('add', '.');
  await git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--quiet', '-m', 'one');

  const source = `git@localhost:${root}/repository.git`;
  await expect(open(source)).rejects.toThrow(/^unable to prepare context: unable to 'git clone'/);
  await using context = await withGitConfig(
    { [`url.file://${root}/.insteadOf`]: `git@localhost:${root}/` },
    () => open(`${source}#main:app`, undefined),
  );

  expect((await unpack(context.tar)).get('Dockerfile')?.text).toBe('FROM two');
});

test.each([
  ['nowhere', undefined, 'unable to prepare context: path "nowhere" not found'],
  ['-', '-', "invalid argument: can't use stdin for both build context and dockerfile"],
  ['.', '/no/Dockerfile', /^unable to prepare context: unable to evaluate symlinks in Dockerfile path/],
])('a context %s with the Dockerfile %s is refused in docker’s words', async (place, dockerfile, message) => {
  await expect(open(place, dockerfile)).rejects.toThrow(message);
});

function open(place: string, dockerfile?: string, stdin: string | Buffer = '') {
  return openContext({ place, dockerfile, stdin: Readable.from([Buffer.from(stdin)]) }, signal);
}

async function files(texts: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(texts)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
}

async function unpack(tar: AsyncIterable<Buffer>): Promise<ReadonlyMap<string, TarEntry & { text: string }>> {
  const found = new Map<string, TarEntry & { text: string }>();
  let current: (TarEntry & { text: string }) | undefined;
  await readTar(Readable.from(tar), {
    begin: (entry) => {
      current = { ...entry, text: '' };
      found.set(entry.name, current);
    },
    data: (chunk) => {
      if (current) current.text += chunk.toString();
    },
    end: () => {},
  });
  return found;
}

/** git reads its settings from the environment, which the commands inherit. */
async function withGitConfig<T>(
  settings: Readonly<Record<string, string>>,
  work: () => Promise<T>,
): Promise<T> {
  const pairs = Object.entries(settings).flatMap(([key, value], at) => [
    [`GIT_CONFIG_KEY_${at}`, key],
    [`GIT_CONFIG_VALUE_${at}`, value],
  ]);
  const variables = Object.fromEntries([
    ...pairs,
    ['GIT_CONFIG_COUNT', String(Object.keys(settings).length)],
  ]);
  Object.assign(process.env, variables);
  try {
    return await work();
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name];
  }
}
