import { Readable } from 'node:stream';
import { parseCopyPlace } from '../../../../src/cli/docker/copy/copy-place.js';
import { planCopy } from '../../../../src/cli/docker/copy/copy-plan.js';
import { renameRoot } from '../../../../src/cli/docker/copy/rename-root.js';
import { readTar } from '../../../../src/shared/tar/read-tar.js';
import { tarEnd, tarFile } from '../../../../src/shared/tar/tar-writer.js';

test.each([
  ['-', { kind: 'stream' }],
  ['./a:b', { kind: 'local', path: './a:b' }],
  ['file', { kind: 'local', path: 'file' }],
  ['web:etc', { kind: 'container', machine: undefined, container: 'web', path: '/etc' }],
  ['a/web:/x:y', { kind: 'container', machine: 'a', container: 'web', path: '/x:y' }],
])('%s is a side of cp', (text, place) => {
  expect(parseCopyPlace(text, 'linux')).toEqual(place);
});

test.each([
  [['/a/file', 'other'], ['/dir', 'directory'], { directory: '/dir', name: 'file' }],
  [['site/.', 'directory'], ['/dir', 'directory'], { directory: '/dir', name: '.' }],
  [['site', 'directory'], ['/new/', undefined], { directory: '/', name: 'new' }],
  [['site/.', 'directory'], ['/srv/new', undefined], { directory: '/srv', name: 'new' }],
  [['file', 'other'], ['/srv/other', 'other'], { directory: '/srv', name: 'other' }],
] as const)('cp of %j to %j goes into the directory by that name', (source, target, plan) => {
  expect(planCopy({ path: source[0], kind: source[1] }, { path: target[0], kind: target[1] })).toEqual(plan);
});

test.each([
  [['site', 'directory'], ['/file', 'other'], 'cannot copy directory'],
  [['file', 'other'], ['/new/', undefined], 'no such directory'],
  [['file', 'other'], ['/file/', 'other'], 'not a directory'],
] as const)('cp of %j to %j is impossible', (source, target, words) => {
  expect(() => planCopy({ path: source[0], kind: source[1] }, { path: target[0], kind: target[1] })).toThrow(
    words,
  );
});

test('the root of an archive is renamed, and hard links with it, but symbolic links are not', async () => {
  const archive = Buffer.concat([
    tarFile({ type: 'directory', name: './site/' }),
    tarFile({ type: 'file', name: './site/a' }, Buffer.from('text')),
    tarFile({ type: 'hard-link', name: './site/b', linkName: './site/a' }),
    tarFile({ type: 'symlink', name: './site/c', linkName: 'a' }),
    tarEnd,
  ]);
  const seen: string[] = [];
  const handler = {
    begin: (entry: { name: string; linkName: string }) => seen.push(`${entry.name}>${entry.linkName}`),
    data: (chunk: Buffer) => seen.push(chunk.toString()),
    end: () => {},
  };

  await readTar(Readable.from(renameRoot(Readable.from([archive]), 'new')), handler);

  expect(seen).toEqual(['new/>', 'new/a>', 'text', 'new/b>new/a', 'new/c>a']);
});
