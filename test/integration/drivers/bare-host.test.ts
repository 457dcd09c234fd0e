import { run } from '../../../src/shared/spawn.js';
import { ensureDebianTree, startBareHost } from '../../support/bare-host.js';

// The first run builds the tree.
beforeAll(ensureDebianTree, 600_000);

test('a sandbox upon a Debian tree has only what the tree has, and users with and without sudo log in', async () => {
  const base = await ensureDebianTree();
  await using host = await startBareHost({ base, user: { name: 'ada', sudo: true } });

  expect(
    await host.exec(['sh', '-c', 'command -v crun conmon nft xz ip node; . /etc/os-release; echo $ID']),
  ).toMatchObject({
    stdout: 'debian\n',
  });
  expect(await asUser(host, 'ada', 'sudo -n id -u')).toMatchObject({ code: 0, stdout: '0\n' });
});

test('startBareHost() gives a user without sudo', async () => {
  const base = await ensureDebianTree();
  await using host = await startBareHost({ base, user: { name: 'bob', sudo: false } });

  expect(await asUser(host, 'bob', 'id -un')).toMatchObject({ code: 0, stdout: 'bob\n' });
  expect(await asUser(host, 'bob', 'sudo -n id -u')).toMatchObject({ code: 1 });
});

async function asUser(host: { address: string; keyFile: string }, user: string, command: string) {
  return run(
    [
      ...['ssh', '-F', 'none', '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=no'],
      ...['-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR', '-o', 'IdentitiesOnly=yes'],
      ...['-i', host.keyFile, `${user}@${host.address}`, command],
    ],
    { timeoutMs: 30_000 },
  );
}
