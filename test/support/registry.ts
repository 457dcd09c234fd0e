import { execFileSync, spawn } from 'node:child_process';
import { createPrivateKey, sign } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { digestOf } from '../../src/shared/digest.js';
import { temporaryDirectory } from './temporary-directory.js';

export interface TestRegistryOptions {
  /** With a certificate of an authority of its own, in `certificatesDirectory`. */
  readonly tls?: boolean;
  /** Basic: user "alice", password "secret". Token: the same, by a token server; anonymous gets no access. */
  readonly auth?: 'basic' | 'token';
  /** With TLS: only who shows a certificate of the authority gets in. `certificatesDirectory` has one. */
  readonly clientCertificates?: boolean;
}

export interface TestRegistry extends AsyncDisposable {
  /** "127.0.0.1:PORT". */
  readonly host: string;
  /** As /etc/docker/certs.d, with this registry's authority. */
  readonly certificatesDirectory: string;
  push(repository: string, tag: string, image: PushedImage): Promise<Pushed>;
  putBlob(repository: string, content: Buffer): Promise<Pushed>;
  /** Puts a manifest or index as it is; answers its digest. */
  putManifest(repository: string, tag: string, type: string, content: string): Promise<string>;
}

export interface PushedImage {
  readonly config: Buffer;
  /** Uncompressed tars. */
  readonly layers: readonly Buffer[];
  readonly compress?: ((layer: Buffer) => Buffer) | undefined;
}

export interface Pushed {
  readonly digest: string;
  readonly size: number;
}

export const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';
export const indexType = 'application/vnd.oci.image.index.v1+json';

/** The distribution's docker-registry on a free port of loopback; ended and removed by disposal. */
export async function startRegistry(options: TestRegistryOptions = {}): Promise<TestRegistry> {
  const dir = await temporaryDirectory();
  const host = `127.0.0.1:${await freePort()}`;
  const certificatesDirectory = `${dir.path}/certs.d`;
  makeCertificates(dir.path, `${certificatesDirectory}/${host}`, options.clientCertificates ?? false);
  const tokens = options.auth === 'token' ? await startTokenServer(dir.path) : undefined;
  writeFileSync(`${dir.path}/config.yml`, configFile(dir.path, host, options, tokens?.realm));
  const child = spawn('docker-registry', ['serve', `${dir.path}/config.yml`], { stdio: 'ignore' });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill); // a test run that is broken off must not leave it behind
  const base = `${options.tls ? 'https' : 'http'}://${host}`;
  const client = new Pusher(base, tlsOf(dir.path), options.auth, tokens?.issue);
  await client.waitUntilUp();
  return {
    host,
    certificatesDirectory,
    push: (repository, tag, image) => client.push(repository, tag, image),
    putBlob: (repository, content) => client.putBlob(repository, content),
    putManifest: (repository, tag, type, content) => client.putManifest(repository, tag, type, content),
    async [Symbol.asyncDispose]() {
      process.off('exit', kill);
      kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await tokens?.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}

function configFile(dir: string, host: string, options: TestRegistryOptions, realm?: string): string {
  const clients = options.clientCertificates ? `, clientcas: [${dir}/ca.crt]` : '';
  const tls = options.tls
    ? `  tls: {certificate: ${dir}/server.crt, key: ${dir}/server.key${clients}}\n`
    : '';
  // bcrypt of "secret"
  writeFileSync(`${dir}/htpasswd`, `alice:${bcryptOfSecret}\n`);
  const basic = `auth: {htpasswd: {realm: test, path: ${dir}/htpasswd}}\n`;
  const token = `auth: {token: {realm: "${realm}", service: test, issuer: tester, rootcertbundle: ${dir}/server.crt}}\n`;
  const auth = options.auth === 'basic' ? basic : options.auth === 'token' ? token : '';
  return (
    `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${dir}/data}}\n` +
    `http:\n  addr: ${host}\n${tls}${auth}`
  );
}

/** htpasswd -Bb; the tool is not everywhere. */
export const bcryptOfSecret = '$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a';

function makeCertificates(dir: string, trusted: string, withClient: boolean): void {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const ca = ['-x509', '-days', '2', '-subj', '/CN=test authority', '-keyout', 'ca.key', '-out', 'ca.crt'];
  openssl('req', ...newKey, ...ca);
  writeFileSync(`${dir}/san`, 'subjectAltName=IP:127.0.0.1\n');
  const authority = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'san'];
  for (const name of ['server', 'client']) {
    openssl('req', ...newKey, '-subj', '/CN=127.0.0.1', '-keyout', `${name}.key`, '-out', `${name}.csr`);
    openssl('x509', '-req', '-in', `${name}.csr`, ...authority, '-out', `${name}.crt`);
  }
  mkdirSync(trusted, { recursive: true });
  copyFileSync(`${dir}/ca.crt`, `${trusted}/ca.crt`);
  if (!withClient) return;
  copyFileSync(`${dir}/client.crt`, `${trusted}/client.cert`);
  copyFileSync(`${dir}/client.key`, `${trusted}/client.key`);
}

/** Of the test's own requests. */
function tlsOf(dir: string): RegistryTls {
  const read = (name: string) => readFileSync(`${dir}/${name}`, 'utf8');
  return { ca: read('ca.crt'), cert: read('client.crt'), key: read('client.key') };
}

interface RegistryTls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Signs tokens that docker-registry accepts (docker's token specification): alice may do all, others nothing. */
async function startTokenServer(dir: string) {
  const key = createPrivateKey(readFileSync(`${dir}/server.key`));
  const certificate = readFileSync(`${dir}/server.crt`, 'utf8').replace(/-----[^-]+-----|\s/g, '');
  const issue = (scope: string, isAlice: boolean): string => {
    const now = Math.floor(Date.now() / 1000);
    const access = scope.split(' ').flatMap((each) => {
      const [type, name, actions = ''] = each.split(':');
      return isAlice && name ? [{ type, name, actions: actions.split(',') }] : [];
    });
    const claims = {
      iss: 'tester',
      sub: 'alice',
      aud: 'test',
      nbf: now - 5,
      iat: now,
      exp: now + 300,
      access,
    };
    const parts = [{ typ: 'JWT', alg: 'ES256', x5c: [certificate] }, claims];
    const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
    return `${text}.${signature.toString('base64url')}`;
  };
  const server = createServer(async (request, response) => {
    const query = new URL(request.url ?? '/', 'http://x').searchParams;
    const form = new URLSearchParams((await buffer(request)).toString());
    const basic = request.headers.authorization === aliceHeader;
    const isAlice = basic || form.get('refresh_token') === 'alice-identity';
    const isRefused = request.headers.authorization !== undefined && !basic;
    response.writeHead(isRefused ? 401 : 200, { 'Content-Type': 'application/json' });
    const token = issue(form.get('scope') ?? query.getAll('scope').join(' '), isAlice);
    response.end(JSON.stringify(isRefused ? { details: 'incorrect username or password' } : { token }));
  });
  const port = await listen(server);
  return {
    realm: `http://127.0.0.1:${port}/token`,
    issue: (scope: string) => issue(scope, true),
    close: () => closeServer(server),
  };
}

const aliceHeader = `Basic ${Buffer.from('alice:secret').toString('base64')}`;

class Pusher {
  readonly #base: string;
  readonly #tls: RegistryTls;
  readonly #auth: TestRegistryOptions['auth'];
  readonly #issue: ((scope: string) => string) | undefined;

  constructor(
    base: string,
    tls: RegistryTls,
    auth: TestRegistryOptions['auth'],
    issue: ((scope: string) => string) | undefined,
  ) {
    this.#base = base;
    this.#tls = tls;
    this.#auth = auth;
    this.#issue = issue;
  }

  async waitUntilUp(): Promise<void> {
    const deadline = Date.now() + 15_000;
    for (;;) {
      try {
        await this.#send('GET', '/v2/', '');
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await delay(20);
      }
    }
  }

  async push(repository: string, tag: string, image: PushedImage): Promise<Pushed> {
    const compress = image.compress ?? ((layer: Buffer) => gzipSync(layer, { level: 1 }));
    const config = await this.putBlob(repository, image.config);
    const layers = [];
    for (const layer of image.layers) layers.push(await this.putBlob(repository, compress(layer)));
    const describe = (mediaType: string) => (blob: Pushed) => ({ mediaType, ...blob });
    const content = JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: describe('application/vnd.docker.container.image.v1+json')(config),
      layers: layers.map(describe('application/vnd.docker.image.rootfs.diff.tar.gzip')),
    });
    const digest = await this.putManifest(repository, tag, manifestType, content);
    return { digest, size: Buffer.byteLength(content) };
  }

  async putManifest(repository: string, tag: string, type: string, content: string): Promise<string> {
    const path = `/v2/${repository}/manifests/${tag}`;
    await this.#sendOrThrow('PUT', path, repository, Buffer.from(content), type);
    return digestOf(content);
  }

  async putBlob(repository: string, content: Buffer): Promise<Pushed> {
    const digest = digestOf(content);
    const begun = await this.#sendOrThrow('POST', `/v2/${repository}/blobs/uploads/`, repository);
    const url = new URL(begun.headers.location ?? '', this.#base);
    url.searchParams.set('digest', digest);
    await this.#sendOrThrow(
      'PUT',
      `${url.pathname}${url.search}`,
      repository,
      content,
      'application/octet-stream',
    );
    return { digest, size: content.length };
  }

  async #sendOrThrow(
    method: string,
    path: string,
    repository: string,
    body?: Buffer,
    type?: string,
  ): Promise<IncomingMessage> {
    const response = await this.#send(method, path, repository, body, type);
    const status = response.statusCode ?? 0;
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${await buffer(response)}`);
    response.resume();
    return response;
  }

  async #send(method: string, path: string, repository: string, body?: Buffer, type?: string) {
    const send = this.#base.startsWith('https:') ? httpsRequest : httpRequest;
    const bearer = this.#issue && `Bearer ${this.#issue(`repository:${repository}:pull,push`)}`;
    const authorization = this.#auth === 'basic' ? aliceHeader : bearer;
    const headers = {
      ...(authorization && { Authorization: authorization }),
      ...(type && { 'Content-Type': type }),
      'Content-Length': body?.length ?? 0,
    };
    const request = send(`${this.#base}${path}`, { method, headers, ...this.#tls, agent: false });
    request.end(body);
    const [response]: IncomingMessage[] = await once(request, 'response');
    if (!response) throw new Error('no response');
    return response;
  }
}

/** Listens on a free port of loopback and answers it. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

export async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
