import { chmod, mkdir, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { FileSecretStore } from '../../../src/secrets/file-secret-store.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

let resources: AsyncDisposableStack;
let directory: string;
beforeEach(async () => {
  resources = new AsyncDisposableStack();
  directory = join(resources.use(await temporaryDirectory()).path, 'store', 'secrets');
});
afterEach(() => resources[Symbol.asyncDispose]());

function store(passphrase?: string): FileSecretStore {
  return new FileSecretStore({ directory, passphrase: async () => passphrase });
}

const name = 'tsmachine-0123-web/secret-key';

test('a secret is found again until it is deleted, under any name', async () => {
  for (const each of [name, '../../etc/passwd', '.', 'a%2Fb', 'passphrase:/home/me/id ed']) {
    await store().set(each, `value of ${each}`);
    expect(await store().get(each)).toBe(`value of ${each}`);
  }
  expect((await readdir(join(directory, '..'))).sort()).toEqual(['secrets']);
  expect(await store().list()).toContain('../../etc/passwd');

  await store().delete(name);
  await store().delete(name);
  expect(await store().get(name)).toBeUndefined();
});

test('nothing is made until there is a secret', async () => {
  expect(await store().get(name)).toBeUndefined();
  expect(await store().list()).toEqual([]);
  await store().delete(name);
  expect(await store().isInUse()).toBe(false);
  await expect(readdir(directory)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('files are 0600 in a directory of 0700', async () => {
  await store().set(name, 'value');

  const [file = ''] = await readdir(directory);
  expect((await stat(directory)).mode & 0o7777).toBe(0o700);
  expect((await stat(join(directory, file))).mode & 0o7777).toBe(0o600);
});

test('with a passphrase nothing of the secret is in the file, and only the passphrase opens it', async () => {
  await store('open sesame').set(name, 'very secret');
  const [file = ''] = await readdir(directory);

  expect(await readFile(join(directory, file), 'utf8')).not.toMatch(
    new RegExp(`very|${Buffer.from('very secret').toString('base64').slice(0, 8)}`),
  );
  expect(await store('open sesame').get(name)).toBe('very secret');
  await expect(store('other').get(name)).rejects.toMatchObject({ code: 'SECRET_PASSPHRASE_WRONG' });
  await expect(store().get(name)).rejects.toMatchObject({ code: 'SECRET_PASSPHRASE_NEEDED' });
});

test('an encrypted secret that was given the name of another one is not taken for it', async () => {
  await store('open sesame').set('cheap', 'value');
  await rename(join(directory, 'cheap.secret'), join(directory, 'dear.secret'));

  await expect(store('open sesame').get('dear')).rejects.toMatchObject({ code: 'SECRET_PASSPHRASE_WRONG' });
});

test.each([
  ['directory', 0o750],
  ['directory', 0o701],
  ['file', 0o640],
  ['file', 0o604],
])('a %s of mode %o is refused', async (what, mode) => {
  await store().set('it', 'value');
  await chmod(what === 'file' ? join(directory, 'it.secret') : directory, mode);

  await expect(store().get('it')).rejects.toMatchObject({
    code: 'SECRET_STORE_UNSAFE',
    message: expect.stringContaining(`mode 0${mode.toString(8)}`),
  });
});

test('a link in place of a secret or of the directory is refused', async () => {
  await store().set('it', 'value');
  await rename(join(directory, 'it.secret'), join(directory, 'other.secret'));
  await symlink(join(directory, 'other.secret'), join(directory, 'it.secret'));
  await expect(store().get('it')).rejects.toMatchObject({ code: 'SECRET_STORE_UNSAFE' });

  await rename(directory, `${directory}.moved`);
  await symlink(`${directory}.moved`, directory);
  await expect(store().get('other')).rejects.toMatchObject({ code: 'SECRET_STORE_UNSAFE' });
  await expect(store().set('other', 'value')).rejects.toMatchObject({ code: 'SECRET_STORE_UNSAFE' });
});

test('a damaged file is named, and nothing of it quoted', async () => {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(join(directory, 'it.secret'), 'hunter2', { mode: 0o600 });

  const error = await store()
    .get('it')
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'SECRET_DAMAGED', message: expect.stringContaining('it.secret') });
  expect(inspect(error)).not.toContain('hunter2');
});

test('probe() leaves nothing', async () => {
  await store().probe();
  expect(await store().list()).toEqual([]);
});
