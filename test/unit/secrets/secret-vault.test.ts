import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keyringUnavailable } from '../../../src/secrets/errors.js';
import { FileSecretStore } from '../../../src/secrets/file-secret-store.js';
import { passphraseFrom } from '../../../src/secrets/passphrase.js';
import type { SecretStore } from '../../../src/secrets/secret-store.js';
import { type SecretStoreChoice, SecretVault } from '../../../src/secrets/secret-vault.js';
import { silentReporter } from '../../../src/shared/reporter.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

let resources: AsyncDisposableStack;
let directory: string;
let warnings: string[];
beforeEach(async () => {
  resources = new AsyncDisposableStack();
  directory = join(resources.use(await temporaryDirectory()).path, 'secrets');
  warnings = [];
});
afterEach(() => resources[Symbol.asyncDispose]());

const reporter = { ...silentReporter, warn: (message: string) => void warnings.push(message) };

function vault(choice: SecretStoreChoice, keyring: SecretStore): SecretVault {
  const file = new FileSecretStore({ directory, passphrase: async () => undefined });
  return new SecretVault({ choice, keyring: async () => keyring, file: async () => file });
}

/** Keeps what it is given in memory; a locked one as the Secret Service behaves. */
function keyring({ locked = false } = {}): SecretStore & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  const open = async () => {
    if (locked) throw keyringUnavailable('it is locked');
  };
  return {
    backend: 'keyring',
    kept,
    get: async (name) => kept.get(name),
    async set(name, value) {
      await open();
      kept.set(name, value);
    },
    delete: async (name) => void kept.delete(name),
    list: async () => [...kept.keys()],
    probe: open,
  };
}

test('auto keeps secrets in the keyring and says nothing', async () => {
  const ring = keyring();
  const secrets = vault('auto', ring);

  const reference = await secrets.reserve('web/key', reporter);
  await secrets.set(reference, 'value');

  expect(reference).toBe('keyring:web/key');
  expect(ring.kept.get('web/key')).toBe('value');
  expect(warnings).toEqual([]);
});

test('auto falls back to files with one warning, the first time only', async () => {
  const secrets = vault('auto', keyring({ locked: true }));
  await Promise.all(['a', 'b'].map(async (name) => secrets.set(await secrets.reserve(name, reporter), name)));
  const later = vault('auto', keyring({ locked: true }));
  expect(await later.reserve('c', reporter)).toBe('file:c');

  expect(warnings).toEqual([
    `secrets are kept in files in "${directory}", which only you may read: the keyring cannot be used: it is locked`,
  ]);
  expect(await later.get('file:a')).toBe('a');
});

test('keyring fails rather than fall back', async () => {
  await expect(vault('keyring', keyring({ locked: true })).reserve('a', reporter)).rejects.toMatchObject({
    code: 'KEYRING_UNAVAILABLE',
  });
});

test('a secret is found where it was kept, whatever is chosen now', async () => {
  const ring = keyring();
  await vault('keyring', ring).set('keyring:a', 'in the keyring');
  await vault('auto', ring).set('file:b', 'in a file');

  expect(await vault('file', ring).get('keyring:a')).toBe('in the keyring');
  expect(await vault('keyring', ring).get('file:b')).toBe('in a file');
  await vault('file', ring).delete('keyring:a');
  expect(ring.kept.size).toBe(0);
});

test('a reference that names no store is refused', async () => {
  await expect(vault('auto', keyring()).get('hunter2')).rejects.toMatchObject({
    code: 'SECRET_REFERENCE_INVALID',
  });
});

test('the passphrase is that of the environment, else the first line of the file it names', async () => {
  const path = join(directory, '..', 'phrase');
  await writeFile(path, 'from file\nmore\n');

  expect(await passphraseFrom({})).toBeUndefined();
  expect(await passphraseFrom({ TSMACHINE_PASSPHRASE_FILE: path })).toBe('from file');
  expect(await passphraseFrom({ TSMACHINE_PASSPHRASE_FILE: path, TSMACHINE_PASSPHRASE: 'said' })).toBe(
    'said',
  );
  await expect(passphraseFrom({ TSMACHINE_PASSPHRASE_FILE: '/nowhere' })).rejects.toMatchObject({
    code: 'SECRET_PASSPHRASE_FILE_UNREADABLE',
  });
});
