import type { StatusUpdate } from '../../../../../src/build/solve/solve.js';
import { PlainDisplay } from '../../../../../src/cli/docker/build/progress/plain-display.js';
import { RawDisplay } from '../../../../../src/cli/docker/build/progress/raw-display.js';
import { TerminalDisplay } from '../../../../../src/cli/docker/build/progress/terminal-display.js';

function output(rows = 24) {
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
    ...{ columns: 50, rows },
  };
}

const at = (seconds: number) => ({ seconds: Math.floor(seconds), nanos: Math.round((seconds % 1) * 1e9) });
const none: StatusUpdate = { vertexes: [], statuses: [], logs: [], warnings: [] };

type Vertex = StatusUpdate['vertexes'][number];
function vertex(digest: string, name: string, more: Partial<Vertex> = {}): StatusUpdate {
  const rest = { inputs: [], cached: false, started: at(10), completed: undefined, error: '' };
  return { ...none, vertexes: [{ digest, name, ...rest, ...more }] };
}
function log(digest: string, text: string, seconds = 10.5): StatusUpdate {
  return { ...none, logs: [{ vertex: digest, timestamp: at(seconds), stream: 1, msg: Buffer.from(text) }] };
}
function item(digest: string, ID: string, current: number, completed?: number): StatusUpdate {
  const times = {
    timestamp: at(completed ?? 10),
    started: at(10),
    completed: completed === undefined ? undefined : at(completed),
  };
  return { ...none, statuses: [{ ID, vertex: digest, name: '', current, total: 0, ...times }] };
}

describe('plain progress', () => {
  function plain() {
    const out = output();
    let now = 0;
    const display = new PlainDisplay(out, () => now);
    const pass = (milliseconds: number) => {
      now += milliseconds;
    };
    return { out, display, pass };
  }

  test('has a block for each step: its name, what was counted and said, and its end', () => {
    const { out, display } = plain();
    display.update(vertex('a', '[internal] load context'));
    display.update(item('a', 'transferring context:', 2048, 10.3));
    display.update(vertex('a', '[internal] load context', { completed: at(10.3) }));
    display.update(vertex('b', '[1/2] FROM x', { cached: true, completed: at(10) }));
    display.update(vertex('c', '[2/2] RUN make'));
    display.update(log('c', 'one\ntw'));
    display.update(log('c', 'o\r\n\nthree', 11));
    display.update(vertex('c', '[2/2] RUN make', { completed: at(12) }));
    display.close();

    expect(out.take()).toBe(
      `#1 [internal] load context
#1 transferring context: 2.048kB 0.3s done
#1 DONE 0.3s

#2 [1/2] FROM x
#2 CACHED

#3 [2/2] RUN make
#3 0.500 one
#3 0.500 two
#3 1.000
#3 1.000 three
#3 DONE 2.0s
`,
    );
  });

  test('lets a step speak on while others wait, and goes to them when it is silent', () => {
    const { out, display, pass } = plain();
    display.update(vertex('a', '[a] RUN'));
    display.update(vertex('b', '[b] RUN'));
    display.update(log('b', 'b1\n'));
    display.update(log('a', 'a1\n'));
    expect(out.take()).toBe('#1 [a] RUN\n#1 0.500 a1\n');
    pass(1000);
    display.update(log('b', 'b2\n'));
    expect(out.take()).toBe('#1 ...\n\n#2 [b] RUN\n#2 0.500 b1\n#2 0.500 b2\n');
    display.close();
  });

  test('says at the end what a failed step had said, and warns', () => {
    const { out, display } = plain();
    display.update(vertex('a', '[1/1] RUN false'));
    display.update(log('a', 'oh no'));
    display.update(vertex('a', '[1/1] RUN false', { completed: at(11), error: 'exit code: 1' }));
    display.update(vertex('b', '[other] RUN', { completed: at(11), error: 'failed: context canceled' }));
    const warning = { vertex: 'a', level: 1, short: Buffer.from('old form'), detail: [], url: 'https://d/x' };
    display.update({ ...none, warnings: [{ ...warning, info: undefined, ranges: [] }] });
    display.close();

    expect(out.take()).toMatch(
      /#1 0.500 oh no\n#1 ERROR: exit code: 1\n\n#2 \[other\] RUN\n#2 CANCELED\n------\n > \[1\/1\] RUN false:\n0.500 oh no\n------\n\n 1 warning found:\n - old form \(https:\/\/d\/x\)\n$/,
    );
  });

  test('names the build where there are several, whose steps may be the same', () => {
    const { out, display } = plain();
    display.update(vertex('a', '[1/2] RUN', { completed: at(11) }), 'web');
    display.update(vertex('a', '[1/2] RUN', { completed: at(11) }), 'db');
    display.update(vertex('b', 'exporting', { completed: at(11) }), 'db');
    display.close();

    expect(out.take()).toBe(
      '#1 [web 1/2] RUN\n#1 DONE 1.0s\n\n#2 [db 1/2] RUN\n#2 DONE 1.0s\n\n#3 [db] exporting\n#3 DONE 1.0s\n',
    );
  });
});

describe('on a terminal', () => {
  function terminal(rows?: number) {
    const out = output(rows);
    let now = 10_000;
    const display = new TerminalDisplay(out, { color: false, now: () => now });
    const pass = (milliseconds: number) => {
      now += milliseconds;
    };
    return { out, display, pass };
  }

  test('steps have their times, what is counted below them, and the last six lines of what they say', () => {
    const { out, display, pass } = terminal();
    display.update(vertex('a', '[1/3] FROM x', { cached: true, completed: at(10) }));
    display.update(vertex('b', '[2/3] COPY . .'));
    display.update(item('b', 'transferring:', 1000, 11));
    display.update(log('b', '1\n2\n3\n4\n5\n6\n7\nhalf\rdone \x1b[31mred'));
    display.update(vertex('c', '[3/3] RUN a name that is longer than the line', { started: undefined }));
    pass(1500);
    out.take();
    display.close();

    expect(out.take()).toBe(
      `\x1b[2A\x1b[J[+] Building 1.5s (1/3) FINISHED
 => CACHED [1/3] FROM x                      0.0s
 => [2/3] COPY . .                           1.5s
 => => transferring: 1kB                     1.0s
 => => # 3
 => => # 4
 => => # 5
 => => # 6
 => => # 7
 => => # done red
`,
    );
  });

  test('what is over makes room on a small screen', () => {
    const { out, display } = terminal(5);
    for (const name of ['a', 'b', 'c', 'd']) display.update(vertex(name, name, { completed: at(10) }));
    display.update(vertex('e', 'running'));
    display.close();

    const [first = ''] = out.take().split('\x1b[J').slice(-1);
    expect(first.split('\n')).toHaveLength(7);
  });
});

test('raw progress is what the engine says, as JSON', () => {
  const out = output();
  const display = new RawDisplay(out);
  display.update(none);
  display.update({ ...vertex('a', 'x', { completed: at(10.25) }), logs: log('a', 'hi').logs });

  expect(JSON.parse(out.take())).toEqual({
    vertexes: [
      { digest: 'a', name: 'x', started: '1970-01-01T00:00:10Z', completed: '1970-01-01T00:00:10.25Z' },
    ],
    logs: [{ vertex: 'a', stream: 1, data: 'aGk=', timestamp: '1970-01-01T00:00:10.5Z' }],
  });
});
