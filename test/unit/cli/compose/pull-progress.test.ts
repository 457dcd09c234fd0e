import { visibleRows } from '../../../../src/cli/compose/progress-rows.js';
import { PullProgress } from '../../../../src/cli/compose/pull-progress.js';
import type { ProgressEvent } from '../../../../src/compose/engine/progress.js';

test('each layer is told as a part of the service, and the service with the sum', () => {
  const events: ProgressEvent[] = [];
  const pull = new PullProgress({ event: (event) => events.push(event), warn() {} }, 'web');
  pull.note({ status: 'Pulling from team/app', id: '1' });
  pull.note({ status: 'Pulling fs layer', id: 'aaa' });
  pull.note({ status: 'Already exists', id: 'bbb' });
  pull.note({ status: 'Downloading', id: 'aaa', progressDetail: { current: 500, total: 1000 } });
  expect(events.at(-2)).toEqual({
    ...{ id: 'aaa', parent: 'web', status: 'working', text: 'Downloading', detail: '500B/1kB' },
  });
  expect(events.at(-1)).toEqual({
    ...{ id: 'web', status: 'working', text: 'Pulling', detail: '2 layers [⣤⣿] 500B/1kB' },
  });
  pull.note({ status: 'Pull complete', id: 'aaa' });
  expect(events.at(-2)).toMatchObject({
    id: 'aaa',
    status: 'done',
    text: 'Pull complete',
    detail: undefined,
  });
  expect(events.at(-1)?.detail).toBe('2 layers [⣿⣿] 1kB/1kB');
  pull.note({ status: 'Status: Downloaded newer image for team/app:1' });
  expect(events.filter(({ id }) => id !== 'web')).toHaveLength(4);
});

test('layers stand behind their service, and make room first', () => {
  const row = (id: string, parent: string | undefined, ended?: number) => ({
    ...{ event: { id, parent, status: 'working', text: '' } as const, begun: 0, ended },
  });
  const rows = [
    row('a', undefined, 1),
    row('b', undefined),
    row('1', 'a', 1),
    row('2', 'b'),
    row('3', 'b', 1),
  ];
  const ids = (room: number) => visibleRows(rows, room).map(({ event }) => event.id);
  expect(ids(5)).toEqual(['a', '1', 'b', '2', '3']);
  expect(ids(3)).toEqual(['a', 'b', '2']);
  expect(ids(2)).toEqual(['a', 'b']);
  expect(ids(1)).toEqual(['b']);
});
