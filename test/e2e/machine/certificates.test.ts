import { readFile } from 'node:fs/promises';
import { connect } from 'node:tls';
import { run } from '../../../src/shared/spawn.js';
import { agedDays, shortenCertificate } from '../../support/short-certificates.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import { createTestStore, dockerClients, type TestStore } from '../../support/tsmachine.js';

let store: TestStore;

beforeAll(async () => {
  store = await createTestStore();
  await store.expectOk(['create', 'cert'], { timeoutMs: 300_000 });
  await store.expectOk(['use', 'cert']);
  await store.expectOk(['load', '-i', await buildTinyImage(store.path)]);
  await store.expectOk(['run', '-d', '--name', 'lives', 'busybox', 'sleep', '1000']);
}, 320_000);
afterAll(() => store[Symbol.asyncDispose]());

test('regenerate-certs serves a new certificate from the same process, and the container lives on', async () => {
  const before = await state();

  await store.expectOk(['regenerate-certs', '-f', '--client-certs', 'cert']);

  const after = await state();
  expect(after.served).not.toBe(before.served);
  expect(after).toMatchObject({ agent: before.agent, container: before.container });
  await dockerWorks();
});

test('regenerate-certs asks first, and without a terminal says how to do it', async () => {
  expect(await store.call(['regenerate-certs', 'cert'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--force'),
  });
});

test('ls warns of certificates that are about to expire, and start renews them without a container noticing', async () => {
  const address = (await store.expectOk(['ip', 'cert'])).trim();
  const aged = await shortenCertificate(store.path, 'cert', ['cert', address], agedDays);
  const onHost = '/etc/tsmachine/tls/server';
  await store.expectOk(['ssh', 'cert', `cat > ${onHost}.pem`], { input: aged.certificate });
  await store.expectOk(['ssh', 'cert', `cat > ${onHost}-key.pem`], { input: aged.key });
  await store.expectOk(['ssh', 'cert', '/opt/tsmachine/bin/supervise', 'reload']);
  const before = await state();

  const list = await store.expectOk(['ls']);
  await store.expectOk(['start', 'cert']);

  expect(list).toContain('certificates expire in 0 days: run "tsmachine regenerate-certs cert"');
  const after = await state();
  expect(after.served).not.toBe(before.served);
  expect(after).toMatchObject({ agent: before.agent, container: before.container });
  expect(await store.expectOk(['ls', '-f', '{{.Error}}|{{gt .CertificateDays 800}}'])).toBe('|true\n');
  await dockerWorks();
});

test('upgrade brings an agent of another version to this one, and the container lives on', async () => {
  const before = await state();
  await store.expectOk(['ssh', 'cert', 'echo >> /opt/tsmachine/bin/tsmachine-agent']);

  const said = await store.expectOk(['upgrade', 'cert']);

  expect(said).toMatch(/^machine "cert" is at version /);
  const after = await state();
  expect(after.agent).not.toBe(before.agent);
  expect(after.container).toBe(before.container);
  expect(await store.expectOk(['upgrade', 'cert'])).toContain('already');
  expect(await store.expectOk(['exec', 'lives', 'echo', 'here'])).toBe('here\n');
});

async function state() {
  return {
    served: await servedCertificate(),
    agent: await store.expectOk(['ssh', 'cert', 'cat /run/tsmachine/agent.pid']),
    container: await store.expectOk(['ssh', 'cert', 'pgrep -f "^sleep 1000$"']),
  };
}

async function servedCertificate(): Promise<string> {
  const directory = `${store.path}/machines/cert`;
  const host = (await store.expectOk(['ip', 'cert'])).trim();
  const pem = (file: string) => readFile(`${directory}/${file}`, 'utf8');
  const [ca, cert, key] = await Promise.all([pem('ca.pem'), pem('cert.pem'), pem('key.pem')]);
  const socket = connect({ host, port: 2376, ca, cert, key, servername: '' });
  await new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

async function dockerWorks(): Promise<void> {
  const env = await store.dockerEnv('cert');
  for (const { path } of await dockerClients()) {
    expect(await run([path, 'ps', '--format', '{{.Names}}'], { env })).toMatchObject({ stdout: 'lives\n' });
  }
}
