import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openConnection } from '../../../../src/drivers/libvirt/native/open-connection.js';
import { startLibvirtd } from '../../../support/libvirtd.js';
import { startSshd } from '../../../support/sshd.js';

test('a URI over ssh reaches the libvirtd behind it, and says what ssh says when it cannot', async () => {
  await using daemon = await startLibvirtd();
  await using sshd = await startSshd();
  const known = join(daemon.directory, 'known_hosts');
  const command = join(daemon.directory, 'ssh');
  const options = `-F none -o UserKnownHostsFile=${known} -o GlobalKnownHostsFile=/dev/null`;
  await writeFile(command, `#!/bin/sh\nexec ssh ${options} "$@"\n`);
  await chmod(command, 0o755);
  const query = `socket=${daemon.socket}&keyfile=${sshd.identityFile}&proxy=netcat&command=${command}`;
  const uri = `qemu+ssh://root@127.0.0.1:${sshd.port}/system?${query}`;

  // The key of this host is not known, and nobody is asked.
  await expect(openConnection(uri)).rejects.toMatchObject({
    kind: 'unavailable',
    code: 'LIBVIRT_NO_CONNECTION',
    message: expect.stringContaining('Host key verification failed'),
    hints: [expect.stringContaining('ssh root@127.0.0.1')],
  });

  await writeFile(known, `[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`);
  await using connection = await openConnection(uri);
  expect(await connection.type()).toBe('QEMU');
  expect(await connection.domains()).toEqual([]);
});
