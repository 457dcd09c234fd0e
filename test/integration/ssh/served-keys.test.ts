import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { run } from '../../../src/shared/spawn.js';
import { serveKeys } from '../../../src/ssh/ssh2-agent.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

/** An agent as a build forwards it, on a socket for OpenSSH's own programs. */
async function agentOf(directory: string, keys: readonly string[]) {
  const texts = await Promise.all(keys.map((key) => readFile(join(directory, key), 'utf8')));
  const server = createServer((socket) => {
    const agent = serveKeys(texts);
    socket.on('error', () => agent.destroy());
    socket.pipe(agent).pipe(socket);
  });
  server.listen(join(directory, 'agent'));
  await once(server, 'listening');
  return {
    env: { ...process.env, SSH_AUTH_SOCK: join(directory, 'agent') },
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

test('keys are offered and sign, as OpenSSH verifies', async () => {
  await using directory = await temporaryDirectory();
  for (const type of ['ed25519', 'rsa', 'ecdsa']) {
    const size = type === 'ecdsa' ? ['-b', '521'] : []; // the size whose signatures have a long head
    await run([
      'ssh-keygen',
      '-q',
      '-t',
      type,
      ...size,
      '-N',
      '',
      '-C',
      '',
      '-f',
      join(directory.path, type),
    ]);
  }
  await using agent = await agentOf(directory.path, ['ed25519', 'rsa', 'ecdsa']);

  const listed = await run(['ssh-add', '-L'], { env: agent.env, timeoutMs: 30_000 });
  expect(listed.stdout.split('\n').map((line) => line.split(' ')[0])).toEqual([
    ...['ssh-ed25519', 'ssh-rsa', 'ecdsa-sha2-nistp521', ''],
  ]);
  for (const type of ['ed25519', 'rsa', 'ecdsa']) {
    // -T has the agent sign, and verifies that with the public key.
    const tried = await run(['ssh-add', '-T', join(directory.path, `${type}.pub`)], {
      env: agent.env,
      timeoutMs: 30_000,
    });
    expect({ type, code: tried.code, stderr: tried.stderr }).toEqual({ type, code: 0, stderr: '' });
  }
});

test('what is no key is told at once', () => {
  expect(() => serveKeys(['nonsense'])).toThrow('Unsupported key format');
});
