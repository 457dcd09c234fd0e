import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runOrThrow } from '../../../src/shared/spawn.js';
import { fingerprint, PinnedHostKey } from '../../../src/ssh/host-keys.js';
import { findIdentities } from '../../../src/ssh/identities.js';
import { generateKeyPair } from '../../../src/ssh/key-pair.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tsmachine-keys-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const endpoint = { host: 'web', port: 22, user: 'root', identityFiles: [] };
const nobody = { home: '/nonexistent', agent: undefined };

async function keyFile(name: string, passphrase: string, ...more: string[]): Promise<string> {
  const path = join(directory, name);
  await runOrThrow(['ssh-keygen', '-q', '-t', 'ecdsa', ...more, '-N', passphrase, '-f', path]);
  return path;
}

test('generateKeyPair() makes what ssh-keygen reads, with the comment', async () => {
  const pair = await generateKeyPair('me@here now');
  const path = join(directory, 'key');
  await writeFile(path, pair.privateKey, { mode: 0o600 });

  const { stdout } = await runOrThrow(['ssh-keygen', '-y', '-f', path]);

  expect(stdout.trim()).toBe(pair.publicKey);
  expect(pair.publicKey).toMatch(/^ssh-ed25519 \S+ me@here now$/);
});

test('generateKeyPair() makes another key each time', async () => {
  expect((await generateKeyPair('a')).publicKey).not.toBe((await generateKeyPair('a')).publicKey);
});

test('fingerprint() is what ssh-keygen -l prints', async () => {
  const { publicKey } = await generateKeyPair('x');
  await writeFile(join(directory, 'key.pub'), publicKey);

  const { stdout } = await runOrThrow(['ssh-keygen', '-l', '-f', join(directory, 'key.pub')]);

  expect(stdout.split(' ')[1]).toBe(fingerprint(publicKey));
});

describe('PinnedHostKey', () => {
  const wire = (publicKey: string) => Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');

  test('hands an unknown key to onTrust, once, and knows it then', async () => {
    const { publicKey } = await generateKeyPair('host');
    const seen: string[] = [];
    const keys = new PinnedHostKey(undefined, async (key) => void seen.push(key));

    await keys.verify(endpoint, wire(publicKey));
    await keys.verify(endpoint, wire(publicKey));

    expect(seen).toEqual([publicKey.split(' ').slice(0, 2).join(' ')]);
    expect(keys.keyType).toBe('ssh-ed25519');
  });

  test('does not trust a key that could not be stored', async () => {
    const [first, second] = await Promise.all([generateKeyPair('a'), generateKeyPair('b')]);
    let full = true;
    const keys = new PinnedHostKey(undefined, async () => {
      if (full) throw new Error('disk full');
    });

    await expect(keys.verify(endpoint, wire(first.publicKey))).rejects.toThrow('disk full');
    full = false;
    await expect(keys.verify(endpoint, wire(second.publicKey))).resolves.toBeUndefined();
  });

  test('refuses another key', async () => {
    const [known, other] = await Promise.all([generateKeyPair('a'), generateKeyPair('b')]);
    const keys = new PinnedHostKey(known.publicKey, async () => {});

    await expect(keys.verify(endpoint, wire(other.publicKey))).rejects.toMatchObject({
      code: 'SSH_HOST_KEY_CHANGED',
      message: expect.stringContaining(fingerprint(other.publicKey)),
    });
  });
});

describe('findIdentities()', () => {
  test('takes the named files in order', async () => {
    const paths = [await keyFile('b', ''), await keyFile('a', '', '-m', 'PEM')];

    const { keys } = await findIdentities({ ...endpoint, identityFiles: paths }, nobody);

    expect(keys.map(({ path }) => path)).toEqual(paths);
  });

  test('takes the default keys of the home directory when none are named', async () => {
    await runOrThrow(['mkdir', join(directory, '.ssh')]);
    const path = await keyFile('.ssh/id_ecdsa', '');

    const { keys } = await findIdentities(endpoint, { home: directory, agent: undefined });

    expect(keys.map((key) => key.path)).toEqual([path]);
  });

  test.each([
    ['OpenSSH', []],
    ['PEM', ['-m', 'PEM']],
    ['PKCS #8', ['-m', 'PKCS8']],
  ])('sees a passphrase in the format of %s', async (_name, options) => {
    const path = await keyFile('key', 'secret', ...options);

    await expect(findIdentities({ ...endpoint, identityFiles: [path] }, nobody)).rejects.toMatchObject({
      code: 'SSH_AUTHENTICATION_FAILED',
      hints: [`run "eval $(ssh-agent) && ssh-add ${path}" and try again`],
    });
  });

  test('leaves a protected key to the agent', async () => {
    const path = await keyFile('key', 'secret');

    const found = await findIdentities(
      { ...endpoint, identityFiles: [path] },
      { ...nobody, agent: '/agent' },
    );

    expect(found).toMatchObject({ keys: [], agent: '/agent' });
  });

  test('says which named file does not exist', async () => {
    await expect(findIdentities({ ...endpoint, identityFiles: ['/no/key'] }, nobody)).rejects.toMatchObject({
      code: 'SSH_IDENTITY_UNUSABLE',
      message: 'cannot use the key "/no/key": no such file',
    });
  });
});
