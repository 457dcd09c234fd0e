import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runOrThrow } from '../../../src/shared/spawn.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { createTestStore, type TestStore } from '../../support/tsmachine.js';

// A store on a disk that is full: what is there stays as it is, and what fails says why.
const resources = new AsyncDisposableStack();
let store: TestStore;
let disk: string;
let filling: string;

beforeAll(async () => {
  store = resources.use(await createTestStore());
  disk = resources.use(await temporaryDirectory()).path;
  await runOrThrow(['mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
  resources.defer(async () => void (await runOrThrow(['umount', disk])));
  filling = join(disk, 'filling');
});
afterAll(() => resources[Symbol.asyncDispose]());

const call = (...args: string[]) => store.call(['-s', disk, ...args]);
const create = (name: string) => call('create', '-d', 'none', '--url', 'tcp://192.0.2.7:2376', name);

async function fill(): Promise<void> {
  await writeFile(filling, Buffer.alloc(2 ** 21)).catch(() => {});
}

test('create says that there is no space and leaves no machine; with space again, it works', async () => {
  await mkdir(join(disk, 'machines'));
  await fill();

  expect(await create('web')).toMatchObject({ code: 1, stderr: expect.stringMatching(/no space|ENOSPC/i) });
  expect(await call('ls', '-q')).toMatchObject({ code: 0, stdout: '' });

  await rm(filling);
  expect(await create('web')).toMatchObject({ code: 0 });
});

test('a machine is not damaged by what cannot be written', async () => {
  await fill();

  expect((await call('rename', 'web', 'site')).code).not.toBe(139);
  const { stdout } = await call('ls', '-q');
  const [name = ''] = stdout.trim().split('\n');
  expect(['web', 'site']).toContain(name);
  expect(await call('url', name)).toMatchObject({ code: 0, stdout: 'tcp://192.0.2.7:2376\n' });

  await rm(filling);
  expect(await call('rm', '-y', name)).toMatchObject({ code: 0 });
});
