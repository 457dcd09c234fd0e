import { userData } from '../../../../src/drivers/ec2/user-data.js';

const identity = {
  hostname: 'web',
  authorizedKey: 'ssh-ed25519 AAAA me',
  hostPrivateKey: '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n',
  hostPublicKey: 'ssh-ed25519 BBBB web',
};

test('userData() is a cloud-config when there is nothing else', () => {
  const [header, ...rest] = userData(identity, undefined).split('\n');

  expect(header).toBe('#cloud-config');
  expect(JSON.parse(rest.join('\n'))).toMatchObject({
    hostname: 'web',
    ssh_authorized_keys: [identity.authorizedKey],
    ssh_keys: { ed25519_private: identity.hostPrivateKey, ed25519_public: identity.hostPublicKey },
  });
});

test.each([
  ['#cloud-config\npackages: [htop]', 'text/cloud-config'],
  ['#!/bin/bash\ntrue', 'text/x-shellscript'],
  ['#include\nhttps://example.com/x', 'text/x-include-url'],
  ['#cloud-boothook\ntrue', 'text/cloud-boothook'],
])('userData() sends %j beside it as %s', (given, type) => {
  const text = userData(identity, given);

  expect(text).toMatch(/^Content-Type: multipart\/mixed; boundary="(.+)"\n/);
  expect(text).toContain(`Content-Type: ${type}; charset="utf-8"\nMerge-Type: list(append)+dict(no_replace`);
  expect(text.indexOf('"hostname"')).toBeLessThan(text.indexOf(given));
});

test('userData() refuses what is of no kind that cloud-init knows, and what is too large', () => {
  expect(() => userData(identity, 'hello', 'greeting.txt')).toThrow(
    /--ec2-userdata "greeting.txt" .*cloud-init/,
  );
  expect(() => userData(identity, `#!/bin/sh\n${'x'.repeat(17_000)}`, 'big.sh')).toThrow(/"big.sh" .*16384/);
});
