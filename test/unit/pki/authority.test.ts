import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type TlsOptions } from 'node:tls';
import {
  createAuthority,
  type Issued,
  issueClientCertificate,
  issueServerCertificate,
} from '../../../src/pki/authority.js';
import { run } from '../../../src/shared/spawn.js';

let authority: Issued;
let server: Issued;
let client: Issued;

beforeAll(async () => {
  authority = await createAuthority('tsmachine test');
  server = await issueServerCertificate(authority, {
    commonName: 'web',
    names: ['web', 'localhost', '127.0.0.1', '2001:db8::1'],
  });
  client = await issueClientCertificate(authority, { commonName: 'client' });
});

test.each(['web', 'localhost'])('issueServerCertificate() is valid for the name %s', (name) => {
  expect(new X509Certificate(server.certificate).checkHost(name)).toBe(name);
});

test.each(['127.0.0.1', '2001:db8::1'])('issueServerCertificate() is valid for the address %s', (address) => {
  expect(new X509Certificate(server.certificate).checkIP(address)).toBe(address);
});

test('a leaf is valid from a little before now for at most 825 days', () => {
  const { validFromDate, validToDate } = new X509Certificate(client.certificate);

  expect(validFromDate.getTime()).toBeLessThan(Date.now() - 60_000);
  expect((validToDate.getTime() - validFromDate.getTime()) / 86_400_000).toBeLessThanOrEqual(825);
});

test('openssl verifies the chain, strictly, for its purpose', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'pki-'));
  const file = async (name: string, text: string) => {
    await writeFile(join(directory, name), text);
    return join(directory, name);
  };
  const ca = await file('ca.pem', authority.certificate);

  const asServer = ['-purpose', 'sslserver', await file('server.pem', server.certificate)];
  const asClient = ['-purpose', 'sslclient', await file('client.pem', client.certificate)];
  const verify = (args: string[]) => run(['openssl', 'verify', '-x509_strict', '-CAfile', ca, ...args]);

  expect(await verify(asServer)).toMatchObject({ code: 0 });
  expect(await verify(asClient)).toMatchObject({ code: 0 });
  expect((await verify(['-purpose', 'sslserver', join(directory, 'client.pem')])).code).not.toBe(0);
  await rm(directory, { recursive: true });
});

test('mutual TLS works between the two, and not with another authority’s client', async () => {
  const other = await issueClientCertificate(await createAuthority('other'), { commonName: 'client' });

  expect(await greeting(client)).toBe('hello');
  // In TLS 1.3 the refusal may arrive only after the client believes it is connected.
  expect(await greeting(other).catch(() => 'refused')).not.toBe('hello');
});

async function greeting(identity: Issued): Promise<string> {
  const options: TlsOptions = {
    cert: server.certificate,
    key: server.key,
    ca: authority.certificate,
    requestCert: true,
    rejectUnauthorized: true,
  };
  const listener = createServer(options, (socket) => socket.end('hello'));
  listener.on('tlsClientError', () => {});
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  try {
    const { port } = listener.address() as AddressInfo; // a TCP listener's address is never a string
    const socket = connect({
      host: '127.0.0.1',
      port,
      ca: authority.certificate,
      cert: identity.certificate,
      key: identity.key,
    });
    const chunks = await socket.toArray();
    return Buffer.concat(chunks).toString();
  } finally {
    listener.close();
  }
}
