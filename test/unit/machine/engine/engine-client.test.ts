import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { type EngineEndpoint, engineProbe } from '../../../../src/machine/engine/engine-client.js';
import {
  createAuthority,
  issueClientCertificate,
  issueServerCertificate,
} from '../../../../src/pki/authority.js';

let server: Server;
let endpoint: EngineEndpoint;

beforeAll(async () => {
  const authority = await createAuthority('test');
  const client = await issueClientCertificate(authority, { commonName: 'client' });
  const own = await issueServerCertificate(authority, {
    commonName: 'web',
    names: ['127.0.0.1', 'localhost'],
  });
  server = createServer(
    {
      key: own.key,
      cert: own.certificate,
      ca: authority.certificate,
      requestCert: true,
      rejectUnauthorized: true,
    },
    (request, response) => {
      if (request.url === '/version') response.end('{"Version":"9.9","ApiVersion":"1.47"}');
      else if (request.url === '/_ping') response.end('OK');
    },
  );
  const port = await listen(server);
  const tls = { ca: authority.certificate, cert: client.certificate, key: client.key };
  endpoint = { host: '127.0.0.1', port, ...tls };
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const options = { timeoutMs: 5000 };

test('version() asks over mutual TLS', async () => {
  await engineProbe.ping(endpoint, options);
  expect(await engineProbe.version(endpoint, options)).toEqual({ version: '9.9', apiVersion: '1.47' });
});

test('ping() tells a server of another authority from one that is not there', async () => {
  const other = await createAuthority('other');

  await expect(engineProbe.ping({ ...endpoint, ca: other.certificate }, options)).rejects.toMatchObject({
    code: 'CERTIFICATE_INVALID',
  });
});

test('ping() reports that the server refuses our certificate', async () => {
  const other = await createAuthority('other');
  const stranger = await issueClientCertificate(other, { commonName: 'stranger' });

  await expect(
    engineProbe.ping({ ...endpoint, cert: stranger.certificate, key: stranger.key }, options),
  ).rejects.toMatchObject({ code: 'CERTIFICATE_INVALID' });
});

test('ping() reports a closed port', async () => {
  const closed = createTcpServer();
  const port = await listen(closed);
  await new Promise((resolve) => closed.close(resolve));

  await expect(engineProbe.ping({ ...endpoint, port }, options)).rejects.toMatchObject({
    code: 'ENGINE_UNREACHABLE',
  });
});

test('ping() gives up at its deadline when nobody answers', async () => {
  const silent = createTcpServer((socket) => socket.unref());
  const port = await listen(silent);

  await expect(engineProbe.ping({ ...endpoint, port }, { timeoutMs: 100 })).rejects.toMatchObject({
    code: 'ENGINE_TIMEOUT',
  });
  silent.close();
});

async function listen(listener: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', () => resolve()));
  return (listener.address() as AddressInfo).port; // a TCP server's address is an AddressInfo
}
