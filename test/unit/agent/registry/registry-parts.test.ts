import { parseChallenges } from '../../../../src/agent/registry/challenge.js';
import { choosePlatform, decodeManifest } from '../../../../src/agent/registry/manifest.js';
import { isInsecure, registryHosts } from '../../../../src/agent/registry/registry-hosts.js';
import { digestOf } from '../../../../src/shared/digest.js';

describe('parseChallenges()', () => {
  test('reads quoted parameters and several challenges', () => {
    const header =
      'Bearer realm="https://a/token",service="a \\"b\\"",scope="repository:x:pull,push", Basic realm=x';

    expect(parseChallenges(header)).toEqual([
      {
        scheme: 'bearer',
        parameters: { realm: 'https://a/token', service: 'a "b"', scope: 'repository:x:pull,push' },
      },
      { scheme: 'basic', parameters: { realm: 'x' } },
    ]);
  });

  test('answers nothing for no header', () => {
    expect(parseChallenges(undefined)).toEqual([]);
  });
});

describe('isInsecure()', () => {
  test.each([
    ['127.0.0.1:5000', true],
    ['127.8.9.1', true],
    ['localhost:5000', true],
    ['[::1]:5000', true],
    ['registry.lan:5000', true],
    ['registry.lan', false],
    ['other', true],
    ['other:80', true],
    ['10.1.2.3:5000', true],
    ['11.1.2.3:5000', false],
    ['docker.io', false],
  ])('%s: %p', (host, expected) => {
    expect(isInsecure(host, ['registry.lan:5000', 'other', '10.0.0.0/8'])).toBe(expected);
  });
});

describe('registryHosts()', () => {
  test('puts mirrors before Docker Hub only', () => {
    expect(registryHosts('docker.io', ['https://m'])).toEqual(['https://m', 'registry-1.docker.io']);
    expect(registryHosts('ghcr.io', ['https://m'])).toEqual(['ghcr.io']);
  });
});

describe('decodeManifest()', () => {
  const descriptor = { digest: digestOf('x'), size: 1 };

  test('refuses schema 1 and what is no manifest', () => {
    expect(() => decodeManifest(Buffer.from('{"schemaVersion":1}'))).toThrow(
      'schema 1 support has been removed',
    );
    expect(() => decodeManifest(Buffer.from('[]'))).toThrow('not a JSON object');
    expect(() => decodeManifest(Buffer.from('{}'))).toThrow('unsupported manifest format');
    const bad = { config: { digest: 'md5:1', size: 1 }, layers: [] };
    expect(() => decodeManifest(Buffer.from(JSON.stringify(bad)))).toThrow('without digest or size');
  });

  test('choosePlatform() prefers the variant, then none, and never an attestation', () => {
    const entry = (name: string, platform: object) => ({ ...descriptor, digest: digestOf(name), platform });
    const index = decodeManifest(
      Buffer.from(
        JSON.stringify({
          manifests: [
            entry('attestation', { os: 'unknown', architecture: 'unknown' }),
            entry('v6', { os: 'linux', architecture: 'arm', variant: 'v6' }),
            entry('v7', { os: 'linux', architecture: 'arm', variant: 'v7' }),
            entry('amd64', { os: 'linux', architecture: 'amd64' }),
          ],
        }),
      ),
    );
    if (index.kind !== 'index') throw new Error('not an index');
    const choose = (architecture: string, variant?: string) =>
      choosePlatform(index, { os: 'linux', architecture, ...(variant && { variant }) })?.digest;

    expect(choose('arm', 'v7')).toBe(digestOf('v7'));
    expect(choose('arm', 'v8')).toBeUndefined();
    expect(choose('arm')).toBe(digestOf('v6'));
    expect(choose('amd64')).toBe(digestOf('amd64'));
    expect(choose('unknown')).toBeUndefined();
  });
});
