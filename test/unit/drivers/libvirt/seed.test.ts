import { contentType, seedFiles } from '../../../../src/drivers/libvirt/seed/cloud-init.js';
import { isoImage } from '../../../../src/drivers/libvirt/seed/iso9660.js';

const seed = {
  instanceId: 'i-1',
  hostname: 'web',
  user: 'tsmachine',
  authorizedKey: 'ssh-ed25519 AAAA "quoted" name',
  hostPrivateKey: '-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\n',
  hostPublicKey: 'ssh-ed25519 BBBB',
  userData: undefined,
};

async function userData(changes: Partial<Parameters<typeof seedFiles>[0]> = {}): Promise<string> {
  const files = await seedFiles({ ...seed, ...changes });
  return String(files.find(({ name }) => name === 'user-data')?.content);
}

test('the guest gets user, key and host key, and no locale to make', async () => {
  const text = await userData();

  expect(text.startsWith('#cloud-config\n')).toBe(true);
  expect(text).toContain('  - name: "tsmachine"\n');
  expect(text).toContain('      - "ssh-ed25519 AAAA \\"quoted\\" name"\n');
  expect(text).toContain(
    '  ed25519_private: |\n    -----BEGIN OPENSSH PRIVATE KEY-----\n    abc\n    -----END',
  );
  expect(text).toContain('locale: false');
});

test('root is let in where it is the user', async () => {
  expect(await userData({ user: 'root' })).toContain('disable_root: false');
  expect(await userData()).toContain('disable_root: true');
});

test('more user data is a second part that cannot replace ours', async () => {
  const text = await userData({ userData: '#cloud-config\npackages: [htop]\n' });

  expect(text).toMatch(/^Content-Type: multipart\/mixed; boundary="([^"]+)"\n/);
  const parts = text.split('--tsmachine-user-data-part');
  expect(parts).toHaveLength(4);
  expect(parts[1]).toContain('ed25519_private');
  expect(parts[2]).toMatch(
    /^\nContent-Type: text\/cloud-config[^\n]*\nMerge-Type: [^\n]*no_replace[^\n]*\n\n#cloud/,
  );
});

test.each([
  ['#!/bin/sh\ntrue', 'text/x-shellscript'],
  ['#cloud-config\n', 'text/cloud-config'],
  ['#include\nhttp://x', 'text/x-include-url'],
  ['## template: jinja\n#cloud-config', 'text/jinja2'],
])('%j is %s', (text, type) => {
  expect(contentType(text)).toBe(type);
});

test('user data that cloud-init would not understand is refused', () => {
  expect(() => contentType('packages: [htop]')).toThrow(/packages: \[htop\]/);
});

test('the image is whole sectors, the same for the same files, and labelled', () => {
  const files = [
    { name: 'user-data', content: 'b'.repeat(5000) },
    { name: 'meta-data', content: '' },
  ];
  const image = isoImage('cidata', files);

  expect(image.length % 2048).toBe(0);
  expect(image.equals(isoImage('cidata', [...files].reverse()))).toBe(true);
  expect(image.toString('latin1', 16 * 2048 + 1, 16 * 2048 + 6)).toBe('CD001');
  expect(image.toString('latin1', 16 * 2048 + 40, 16 * 2048 + 46)).toBe('cidata');
});

test('names that ISO 9660 could not give back are refused', () => {
  expect(() => isoImage('x', [{ name: 'Upper', content: '' }])).toThrow(TypeError);
  expect(() => isoImage('x', [{ name: 'a'.repeat(28), content: '' }])).toThrow(TypeError);
});
