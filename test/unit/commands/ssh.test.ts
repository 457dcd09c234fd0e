import { PassThrough } from 'node:stream';
import { attach } from '../../../src/cli/terminal.js';
import Ssh from '../../../src/commands/ssh.js';
import { TsmachineError } from '../../../src/shared/errors.js';
import type { TerminalSize } from '../../../src/shared/terminal-size.js';
import { runCommand } from '../../fakes/run-command.js';
import { Workshop } from '../../fakes/workshop.js';

let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
  await shop.create('web');
});
afterEach(() => shop[Symbol.asyncDispose]());

test('ssh ends with 255 when the connection fails, and says why', async () => {
  shop.ssh.refusals.push(new TsmachineError('unavailable', 'SSH_UNREACHABLE', 'cannot reach "web"'));

  const outcome = await runCommand(shop, Ssh, ['web', 'true']);

  expect(outcome).toEqual({ code: 255, stdout: '', stderr: 'cannot reach "web"\n' });
});

test('ssh refuses a port that is none, with the code of a usage error', async () => {
  const outcome = await runCommand(shop, Ssh, ['--', 'web', '-L', '1:2:x']);

  expect(outcome.code).toBe(2);
  expect(shop.ssh.opened).toEqual([]);
});

describe('attach()', () => {
  function terminal() {
    const stdin = Object.assign(new PassThrough(), { isTTY: true, modes: [] as boolean[] });
    const setRawMode = (mode: boolean) => {
      stdin.modes.push(mode);
      return stdin;
    };
    const stdout = Object.assign(new PassThrough(), { columns: 100, rows: 30 });
    const stderr = new PassThrough();
    return { console: { stdin: Object.assign(stdin, { setRawMode }), stdout, stderr } };
  }

  function session() {
    const ended = Promise.withResolvers<number>();
    const sizes: TerminalSize[] = [];
    const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
    return {
      ...streams,
      sizes,
      ended,
      exited: ended.promise,
      resize: (size: TerminalSize) => sizes.push(size),
    };
  }

  test('passes input, both outputs and the exit status, and puts the terminal back', async () => {
    const { console } = terminal();
    const remote = session();
    // attach() uses of the streams only what these have.
    const work = attach(remote, console as unknown as NodeJS.Process, { raw: true });
    console.stdin.write('typed');
    console.stdout.columns = 90;
    console.stdout.emit('resize');
    remote.stdout.end('out');
    remote.stderr.end('err');
    remote.ended.resolve(7);

    expect(await work).toBe(7);
    expect(String(remote.stdin.read())).toBe('typed');
    expect(String(console.stdout.read())).toBe('out');
    expect(String(console.stderr.read())).toBe('err');
    expect(remote.sizes).toEqual([{ columns: 90, rows: 30 }]);
    expect(console.stdin.modes).toEqual([true, false]);
    expect(console.stdin.destroyed).toBe(true);
  });

  test('leaves the terminal alone without raw', async () => {
    const { console } = terminal();
    const remote = session();
    remote.stdout.end();
    remote.stderr.end();
    remote.ended.resolve(0);

    expect(await attach(remote, console as unknown as NodeJS.Process, { raw: false })).toBe(0);
    expect(console.stdin.modes).toEqual([]);
  });
});
