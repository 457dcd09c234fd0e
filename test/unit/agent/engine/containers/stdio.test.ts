import { once } from 'node:events';
import { duplexPair, PassThrough, Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { copyStdio } from '../../../../../src/agent/engine/containers/stdio.js';

/** A process that writes `output`, takes input until it is closed, and ends. */
function processThatWrites(output: string) {
  const stdin = new PassThrough();
  stdin.on('error', () => {});
  return {
    ...{ stdin, stdout: Readable.from([Buffer.from(output)]), stderr: Readable.from([]) },
    close: () => void stdin.destroy(),
  };
}

const all = { stdin: true, stdout: true, stderr: true, multiplexed: false };

test.each([
  ['without detach keys', undefined],
  ['with detach keys', Buffer.from('\x10\x11')],
])('the end of a process leaves the client its connection, %s', async (_, detachKeys) => {
  const [client, user] = duplexPair();

  await copyStdio(client, processThatWrites('last words'), { ...all, detachKeys });
  for (let turns = 0; turns < 10; turns += 1) await turn(); // what the close of stdin sets off

  expect(client.destroyed).toBe(false);
  client.end();
  expect(Buffer.concat(await user.toArray()).toString()).toBe('last words');
});

test('input that comes after the end of a process is dropped, and the end of the client is noticed', async () => {
  const [client, user] = duplexPair();
  await copyStdio(client, processThatWrites(''), all);

  const ended = once(client, 'end');
  user.write(Buffer.alloc(1_000_000));
  user.end();

  await ended;
});

test('the end of the input of a client ends the input of the process', async () => {
  const [client, user] = duplexPair();
  const attachment = { ...processThatWrites(''), stdout: new PassThrough() };
  const copied = copyStdio(client, attachment, all);

  user.end('all of it');

  expect(Buffer.concat(await attachment.stdin.toArray()).toString()).toBe('all of it');
  attachment.stdout.end();
  expect(await copied).toBe('ended');
});
