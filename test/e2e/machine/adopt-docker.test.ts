import { mkdir, writeFile } from 'node:fs/promises';
import { run } from '../../../src/shared/spawn.js';
import { createTestStore, dockerClients, type TestStore } from '../../support/tsmachine.js';

// A host that looks as one with Docker Engine does from outside: a docker command and its socket. Our agent serves it.
const docker = `#!/bin/sh
case "$*" in
  *"system dial-stdio"*) exec /opt/tsmachine/bin/tsmachine-agent dial-stdio ;;
  *version*APIVersion*) echo "28.1.0 1.47" ;;
  *version*) echo 28.1.0 ;;
esac
`;
const disguise = `cat > /usr/bin/docker && chmod 755 /usr/bin/docker && rm -f /usr/local/bin/docker &&
  ln -s /run/tsmachine/docker.sock /run/docker.sock && chmod 600 /etc/tsmachine/agent.json && mv /etc/tsmachine/tls/ca.pem /etc/tsmachine/ca.kept`;

let owner: TestStore;
let other: TestStore;
const resources = new AsyncDisposableStack();
beforeAll(async () => {
  other = resources.use(await createTestStore());
  owner = resources.use(await createTestStore());
  await owner.expectOk(['create', 'engine'], { timeoutMs: 300_000 });
  await owner.expectOk(['ssh', 'engine', disguise], { input: docker });
}, 320_000);
afterAll(() => resources[Symbol.asyncDispose](), 60_000);

test('a Docker Engine is adopted as it is: ls shows it, env puts docker on it, and nothing on the host changes', async () => {
  const ip = (await owner.expectOk(['ip', 'engine'])).trim();
  const key = `${owner.path}/machines/engine/id_ed25519`;
  const state = () =>
    owner.expectOk(['ssh', 'engine', 'find /etc /usr /root /opt -newer /run/docker.sock -type f; hostname']);
  const before = await state();

  const argv = ['adopt', 'theirs', '--yes', '--ssh-host', ip, '--ssh-user', 'root', '--ssh-key', key];
  expect(await other.expectOk(argv)).toContain('ENGINE   Docker 28.1.0');

  expect(await other.expectOk(['ls'])).toMatch(/\ntheirs +- +ssh +Running +ssh:\/\/root@[\d.]+ +v28.1.0\n/);
  expect(await other.expectOk(['url', 'theirs'])).toBe(`ssh://root@${ip}\n`);
  expect(await other.expectOk(['config', 'theirs'])).toBe(`-H=ssh://root@${ip}\n`);
  expect((await other.call(['ps', '-m', 'theirs'])).stderr).toContain('over SSH only');
  expect((await other.call(['provision', 'theirs'])).stderr).toContain('installed by somebody else');

  const bin = `${other.path}/bin`;
  await mkdir(bin);
  const options = `-i ${key} -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`;
  await writeFile(`${bin}/ssh`, `#!/bin/sh\nexec /usr/bin/ssh ${options} "$@"\n`, { mode: 0o755 });
  const env = { ...(await other.dockerEnv('theirs')), PATH: `${bin}:${process.env['PATH']}` };
  for (const { path } of await dockerClients()) {
    expect(await run([path, 'version', '--format', '{{.Server.Os}}'], { env })).toMatchObject({
      code: 0,
      stdout: 'linux\n',
    });
  }
  expect(await state()).toBe(before);
}, 120_000);
