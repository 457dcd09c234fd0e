import { LineCutter, LogPrinter } from '../../../../src/cli/compose/log-printer.js';
import { JsonProgress, PlainProgress, QuietProgress } from '../../../../src/cli/compose/plain-progress.js';
import { TerminalProgress } from '../../../../src/cli/compose/terminal-progress.js';

function output() {
  let text = '';
  return {
    write: (chunk: string) => {
      text += chunk;
    },
    take: () => {
      const taken = text;
      text = '';
      return taken;
    },
    ...{ columns: 60, rows: 6 },
  };
}

const creating = { id: 'Container app-web-1', status: 'working', text: 'Creating' } as const;
const created = { ...creating, status: 'done', text: 'Created' } as const;

test('plain progress is a line for each event, as of docker compose, without details', () => {
  const out = output();
  const progress = new PlainProgress(out, { dryRun: false });
  progress.event(creating);
  progress.event({ ...creating, text: 'Pulling', detail: '1MB/2MB' });
  progress.event(created);
  expect(out.take()).toBe(' Container app-web-1  Creating\n Container app-web-1  Created\n');
});

test('a dry run says that it is one', () => {
  const out = output();
  new PlainProgress(out, { dryRun: true }).event(created);
  expect(out.take()).toBe(' DRY-RUN MODE -  Container app-web-1  Created\n');
});

test('quiet progress still warns, and JSON is an object a line', () => {
  const out = output();
  const quiet = new QuietProgress(out, { dryRun: false });
  quiet.event();
  quiet.print('Step 1/2\n');
  quiet.warn('odd');
  expect(out.take()).toBe('warning: odd\n');
  const json = new JsonProgress(out);
  json.event(created);
  expect(JSON.parse(out.take())).toEqual({ id: 'Container app-web-1', status: 'Done', text: 'Created' });
});

describe('on a terminal', () => {
  const opened = (out: ReturnType<typeof output>) => {
    let now = 0;
    const progress = new TerminalProgress(out, { dryRun: false, color: false, now: () => now });
    return { progress, pass: (milliseconds: number) => (now += milliseconds) };
  };

  test('lines are redrawn in place with the time that things took', () => {
    const out = output();
    const { progress, pass } = opened(out);
    progress.event(creating);
    expect(out.take()).toMatch(/^\[\+\] Running 0\/1\n ⠙ Container app-web-1 {2}Creating +0\.0s \n$/);
    pass(1500);
    progress.event(created);
    const text = out.take();
    expect(text.startsWith('\x1b[2A\x1b[J[+] Running 1/1\n')).toBe(true);
    expect(text).toMatch(/ ✔ Container app-web-1 {2}Created +1\.5s \n$/);
    progress.close();
  });

  test('no line is longer than the screen, nor are there more than fit', () => {
    const out = output();
    const { progress } = opened(out);
    for (let number = 1; number <= 9; number++) {
      progress.event({ ...creating, id: `Container ${'long-'.repeat(20)}${number}` });
    }
    out.take();
    progress.event(created);
    const lines = out.take().slice('\x1b[5A\x1b[J'.length).trimEnd().split('\n');
    expect(lines).toHaveLength(1 + 4);
    expect(lines.every((line) => line.length < 60)).toBe(true);
    progress.close();
  });

  test('a warning stands above what is redrawn', () => {
    const out = output();
    const { progress } = opened(out);
    progress.event(creating);
    out.take();
    progress.warn('odd');
    expect(out.take().startsWith('\x1b[2A\x1b[Jwarning: odd\n[+] Running 0/1\n')).toBe(true);
    progress.close();
  });
});

describe('output of containers', () => {
  test('is aligned and marked, each stream where it belongs', () => {
    const [stdout, stderr] = [output(), output()];
    const printer = new LogPrinter({ stdout, stderr }, { color: false, prefix: true });
    printer.register('db-1');
    printer.register('web-10');
    printer.line('db-1', 'stdout', 'ready');
    printer.line('web-10', 'stderr', 'oops');
    printer.status('db-1', 'exited with code 3');
    expect(stdout.take()).toBe('db-1    | ready\ndb-1 exited with code 3\n');
    expect(stderr.take()).toBe('web-10  | oops\n');
  });

  test('is cut into lines, whatever the pieces it comes in', () => {
    const lines: string[] = [];
    const cutter = new LineCutter((stream, line) => lines.push(`${stream}: ${line}`));
    const euro = Buffer.from('5 €\r\nrest');
    cutter.push('stdout', euro.subarray(0, 3));
    cutter.push('stderr', Buffer.from('between\n'));
    cutter.push('stdout', euro.subarray(3));
    cutter.end();
    expect(lines).toEqual(['stderr: between', 'stdout: 5 €', 'stdout: rest']);
  });
});
