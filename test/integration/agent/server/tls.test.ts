import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { listenOnTls, type TlsListener } from '../../../../src/agent/server/listeners.js';
import { get, json, post } from '../../../../src/agent/server/route.js';
import { ApiServer } from '../../../../src/agent/server/server.js';
import {
  createAuthority,
  type Issued,
  issueClientCertificate,
  issueServerCertificate,
} from '../../../../src/pki/authority.js';
import { silentLogger } from '../../../../src/shared/logger.js';

const routes = [
  get('/hello', async () => json(200, 'hello')),
  post('/shout', async () => ({
    kind: 'hijack' as const,
    multiplexed: false,
    async serve(client) {
      client.write((await text(client)).toUpperCase());
    },
  })),
];

let authority: Issued;
let client: Issued;
let listener: TlsListener;

async function material(issuer: Issued) {
  const server = await issueServerCertificate(issuer, {
    commonName: 'host',
    names: ['127.0.0.1', 'localhost'],
  });
  return { ca: issuer.certificate, certificate: server.certificate, key: server.key };
}

beforeAll(async () => {
  authority = await createAuthority('test');
  client = await issueClientCertificate(authority, { commonName: 'client' });
  listener = await listenOnTls(
    new ApiServer(routes, silentLogger),
    { host: '127.0.0.1', port: 0 },
    await material(authority),
  );
});
afterAll(async () => listener[Symbol.asyncDispose]());

interface Call {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly maxVersion?: 'TLSv1.1' | 'TLSv1.2';
}

const mine = () => ({ ca: authority.certificate, cert: client.certificate, key: client.key });

async function hello(tls: Call): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const options = { host: '127.0.0.1', port: listener.port, path: '/hello', agent: false as const, ...tls };
  request(options, (response) => void text(response).then(resolve, reject))
    .once('error', reject)
    .end();
  return promise;
}

test('a client with a certificate of the authority is served, also with TLS 1.2', async () => {
  expect(await hello(mine())).toBe('"hello"\n');
  expect(await hello({ ...mine(), maxVersion: 'TLSv1.2' })).toBe('"hello"\n');
});

test('a client without a certificate, with one of another authority, or with old TLS is not served', async () => {
  const other = await createAuthority('other');
  const stranger = await issueClientCertificate(other, { commonName: 'stranger' });

  await expect(hello({ ca: authority.certificate })).rejects.toThrow();
  await expect(
    hello({ ca: authority.certificate, cert: stranger.certificate, key: stranger.key }),
  ).rejects.toThrow();
  await expect(hello({ ...mine(), maxVersion: 'TLSv1.1' })).rejects.toThrow();
});

test('a half-closed connection still delivers the output', async () => {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const asked = request({
    ...{ host: '127.0.0.1', port: listener.port, path: '/shout', method: 'POST', agent: false as const },
    headers: { Connection: 'Upgrade', Upgrade: 'tcp' },
    ...mine(),
  });
  asked.once('error', reject);
  asked.once('upgrade', (_, socket) => {
    text(socket).then(resolve, reject);
    socket.end('quiet');
  });
  asked.end();

  expect(await promise).toBe('QUIET');
});

test('reload() serves new connections with the new certificate', async () => {
  const renewed = await createAuthority('renewed');
  const newClient = await issueClientCertificate(renewed, { commonName: 'client' });

  listener.reload(await material(renewed));

  expect(await hello({ ca: renewed.certificate, cert: newClient.certificate, key: newClient.key })).toBe(
    '"hello"\n',
  );
  await expect(hello(mine())).rejects.toThrow();
});
