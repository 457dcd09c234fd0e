import { X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Certificates } from '../../../src/machine/certificates.js';
import { agedDays, shortenCertificate } from '../../support/short-certificates.js';

let root: string;
const issuer = () => import('../../../src/pki/authority.js');
const open = () => new Certificates(join(root, 'certs'), issuer);

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tsmachine-certs-'));
});
afterEach(() => rm(root, { recursive: true }));

test('ensure() makes one authority and one client pair when many ask at the same time', async () => {
  const materials = await Promise.all(Array.from({ length: 8 }, () => open().ensure()));

  expect(new Set(materials.map(({ authority }) => authority.key)).size).toBe(1);
  expect(new Set(materials.map(({ client }) => client.certificate)).size).toBe(1);
  const files = ['ca.pem', 'ca-key.pem', 'cert.pem', 'key.pem'];
  for (const file of files) expect((await stat(join(root, 'certs', file))).mode & 0o777).toBe(0o600);
});

test('ensure() does not load the issuer when everything is there', async () => {
  const first = await open().ensure();

  const again = await new Certificates(join(root, 'certs'), () =>
    Promise.reject(new Error('loaded')),
  ).ensure();

  expect(again).toEqual(first);
});

test('ensure() makes a damaged client certificate anew and keeps the authority', async () => {
  const first = await open().ensure();
  await writeFile(join(root, 'certs/cert.pem'), 'rubbish');

  const again = await open().ensure();

  expect(again.authority).toEqual(first.authority);
  expect(new X509Certificate(again.client.certificate).verify(caKey(first.authority.certificate))).toBe(true);
});

test('ensure() refuses to replace an authority whose key is gone', async () => {
  await open().ensure();
  await rm(join(root, 'certs/ca-key.pem'));

  await expect(open().ensure()).rejects.toMatchObject({ code: 'AUTHORITY_KEY_MISSING' });
});

test('serverPair() keeps its pair until a name is missing in it', async () => {
  const certificates = open();
  const material = await certificates.ensure();
  const machine = join(root, 'web');
  await mkdir(machine);

  const first = await certificates.serverPair(machine, 'web', ['web', '10.0.0.1'], material);
  const same = await certificates.serverPair(machine, 'web', ['10.0.0.1'], material);
  const other = await certificates.serverPair(machine, 'web', ['web', '10.0.0.2'], material);

  expect(same).toEqual(first);
  expect(other.certificate).not.toBe(first.certificate);
  expect(new X509Certificate(other.certificate).checkIP('10.0.0.2')).toBe('10.0.0.2');
  expect(await readFile(join(machine, 'server.pem'), 'utf8')).toBe(other.certificate);
});

test('serverPair() makes a pair anew when two thirds of its life are over, and whenever it is told to', async () => {
  const certificates = open();
  const material = await certificates.ensure();
  const machine = join(root, 'machines', 'web');
  await mkdir(machine, { recursive: true });
  const aged = await shortenCertificate(root, 'web', ['web'], agedDays);

  const renewed = await certificates.serverPair(machine, 'web', ['web'], material);
  const kept = await certificates.serverPair(machine, 'web', ['web'], material);
  const forced = await certificates.serverPair(machine, 'web', ['web'], material, { renew: true });

  expect(renewed.certificate).not.toBe(aged.certificate);
  expect(kept).toEqual(renewed);
  expect(forced.certificate).not.toBe(kept.certificate);
});

test('expiry() tells when the first certificate of a machine expires, and whether it is time to renew', async () => {
  const certificates = open();
  const material = await certificates.ensure();
  const machine = join(root, 'machines', 'web');
  await mkdir(machine, { recursive: true });
  expect(await certificates.expiry(machine)).toBeUndefined();

  await certificates.installInto(machine, material);
  await certificates.serverPair(machine, 'web', ['web'], material);
  const fresh = await certificates.expiry(machine);
  await shortenCertificate(root, 'web', ['web'], agedDays);
  const aged = await certificates.expiry(machine);

  expect(fresh?.isDue).toBe(false);
  expect((fresh?.expiresAt ?? 0) - Date.now()).toBeGreaterThan(800 * 24 * 3600 * 1000);
  expect(aged?.isDue).toBe(true);
  expect((aged?.expiresAt ?? 0) - Date.now()).toBeLessThan(61_000);
});

test('renewClient() replaces a valid client pair under the same authority', async () => {
  const certificates = open();
  const first = await certificates.ensure();

  const renewed = await certificates.renewClient();

  expect(renewed.authority).toEqual(first.authority);
  expect(renewed.client.certificate).not.toBe(first.client.certificate);
  expect(await certificates.ensure()).toEqual(renewed);
  expect(await open().ensure()).toEqual(renewed);
});

function caKey(certificate: string) {
  return new X509Certificate(certificate).publicKey;
}
