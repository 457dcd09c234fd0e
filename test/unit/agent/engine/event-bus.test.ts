import { EventBus } from '../../../../src/agent/engine/event-bus.js';
import { eventFilter } from '../../../../src/agent/engine/system/event-filter.js';
import type { EventMessage } from '../../../../src/api/event.js';
import { parseFilters } from '../../../../src/api/filters.js';
import { nowNanos } from '../../../../src/shared/nanotime.js';

const everything = () => true;
const neverAborted = new AbortController().signal;

function container(action: string, attributes: Record<string, string> = {}) {
  return {
    type: 'container' as const,
    action,
    id: 'abc',
    attributes: { image: 'busybox', name: 'web', ...attributes },
  };
}

async function collect(events: AsyncIterable<EventMessage>): Promise<string[]> {
  const actions: string[] = [];
  for await (const event of events) actions.push(event.Action);
  return actions;
}

test('subscribe() replays the past and ends where until has passed', async () => {
  const bus = new EventBus();
  bus.publish(container('create'));
  bus.publish(container('start'));

  const events = bus.subscribe({ since: 1n, until: nowNanos(), matches: everything }, neverAborted);

  expect(await collect(events)).toEqual(['create', 'start']);
});

test('subscribe() follows until the signal, without what was before', async () => {
  const bus = new EventBus();
  bus.publish(container('create'));
  const stop = new AbortController();

  const actions = collect(bus.subscribe({ matches: everything }, stop.signal));
  bus.publish(container('start'));
  await new Promise(setImmediate);
  stop.abort();

  expect(await actions).toEqual(['start']);
});

test('eventFilter() joins names by AND and values by OR', () => {
  const event: EventMessage = {
    Type: 'container',
    Action: 'exec_start: ls',
    Actor: { ID: 'abc', Attributes: { image: 'busybox:1', name: 'web', tier: 'front' } },
    scope: 'local',
    time: 0,
    timeNano: 0,
  };
  const matches = (json: string) => eventFilter(parseFilters(json) ?? new Map())(event);

  expect(matches('{"type":["container"],"event":["die","exec_start"]}')).toBe(true);
  expect(matches('{"type":["image"],"event":["exec_start"]}')).toBe(false);
  expect(matches('{"container":["web"],"label":["tier=front"]}')).toBe(true);
  expect(matches('{"container":["other"]}')).toBe(false);
  expect(matches('{"image":["busybox"]}')).toBe(true);
});
