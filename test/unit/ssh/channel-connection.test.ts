import { PassThrough } from 'node:stream';
import {
  type Channel,
  ChannelConnection,
  type ChannelSource,
  watchChannel,
} from '../../../src/ssh/channel-connection.js';
import { sh } from '../../../src/ssh/command.js';

const endpoint = { host: '192.0.2.1', port: 22, user: 'root', identityFiles: [] };

/** A channel whose command ends at once with this code. */
function endedChannel(code: number): Channel {
  const stderr = new PassThrough();
  const channel: Channel = Object.assign(new PassThrough(), {
    stderr,
    close: () => {},
    setWindow: () => {},
  });
  setImmediate(() => {
    channel.emit('exit', code);
    channel.end();
    stderr.end();
    stderr.resume();
  });
  return channel;
}

/** A server that refuses the sessions with these numbers, counted from 0. */
function refusing(refused: (index: number) => boolean): ChannelSource & { asked: number } {
  return {
    asked: 0,
    async open() {
      const index = this.asked++;
      return refused(index) ? undefined : watchChannel(endedChannel(0));
    },
    dial: () => Promise.reject(new Error('not asked for')),
    closed: new Promise(() => {}),
    end: async () => {},
  };
}

describe('ChannelConnection', () => {
  it('asks again when a server refuses a session after it has allowed one', async () => {
    const source = refusing((index) => index >= 1 && index <= 3);
    const connection = new ChannelConnection(endpoint, source);
    await connection.run(sh`true`);

    await expect(connection.run(sh`true`)).resolves.toMatchObject({ code: 0 });
    expect(source.asked).toBe(5);
  });

  it('gives up at once when a server allows no session at all', async () => {
    const source = refusing(() => true);
    const connection = new ChannelConnection(endpoint, source);

    await expect(connection.run(sh`true`)).rejects.toMatchObject({ code: 'SSH_CHANNEL_REFUSED' });
    expect(source.asked).toBe(1);
  });

  it('ends the wait for a session with the signal', async () => {
    const abort = new AbortController();
    const source = refusing((index) => {
      if (index === 3) abort.abort(new Error('enough'));
      return index > 0;
    });
    const connection = new ChannelConnection(endpoint, source);
    await connection.run(sh`true`);

    await expect(connection.run(sh`true`, { signal: abort.signal })).rejects.toThrow('enough');
  });
});
