import { isReached } from '../../../../src/compose/engine/await-condition.js';
import { imageWay } from '../../../../src/compose/engine/ensure-images.js';
import { serviceWith } from '../../../../src/compose/model/service-with.js';

const container = (state: object, test: readonly string[] = []) => ({
  ...{ Id: '1', Name: '/app-db-1' },
  Config: { Tty: false, Image: '', Healthcheck: { Test: test } },
  State: { Status: 'running', Running: true, ExitCode: 0, ...state },
});
const checked = (status: string) => container({ Health: { Status: status } }, ['CMD', 'true']);

test('healthy is what the engine calls so, and what cannot become it is an error', () => {
  expect(isReached('db', 'service_healthy', checked('starting'))).toBe(false);
  expect(isReached('db', 'service_healthy', checked('healthy'))).toBe(true);
  expect(() => isReached('db', 'service_healthy', checked('unhealthy'))).toThrow(
    'dependency failed to start: container app-db-1 is unhealthy',
  );
  expect(() => isReached('db', 'service_healthy', container({}))).toThrow('has no healthcheck configured');
  const exited = container({ Status: 'exited', Running: false, ExitCode: 9 }, ['CMD', 'true']);
  expect(() => isReached('db', 'service_healthy', exited)).toThrow('container app-db-1 exited (9)');
});

test('running is enough for --wait where there is no check', () => {
  expect(isReached('db', 'running_or_healthy', container({}))).toBe(true);
  expect(isReached('db', 'running_or_healthy', container({}, ['NONE']))).toBe(true);
  expect(isReached('db', 'running_or_healthy', checked('starting'))).toBe(false);
});

test('completed is an end without an error', () => {
  const ended = (ExitCode: number) => container({ Status: 'exited', Running: false, ExitCode });
  expect(isReached('job', 'service_completed_successfully', container({}))).toBe(false);
  expect(isReached('job', 'service_completed_successfully', ended(0))).toBe(true);
  expect(() => isReached('job', 'service_completed_successfully', ended(3))).toThrow(
    `service "job" didn't complete successfully: exit 3`,
  );
});

describe('an image', () => {
  const build = { context: '/app' } as never;
  const way = (service: object, isThere: boolean, options: object = {}, ageMs?: number) => {
    const found = { ...(ageMs !== undefined && { taggedAt: Date.now() - ageMs }) };
    const wanted = { pull: undefined, build: 'missing', ...options } as const;
    return imageWay(serviceWith('web', service), isThere ? found : undefined, wanted);
  };

  const hour = 3_600_000;
  test.each([
    ['daily', 23 * hour, 'keep'],
    ['daily', 25 * hour, 'pull'],
    ['weekly', 167 * hour, 'keep'],
    ['weekly', 169 * hour, 'pull'],
    ['every_1d12h', 35 * hour, 'keep'],
    ['every_1d12h', 37 * hour, 'pull'],
    ['refresh', 1_000, 'pull'],
    ['daily', undefined, 'pull'],
    ['missing', 1000 * hour, 'keep'],
  ])('with the policy %s and an age of %s ms: %s', (pullPolicy, ageMs, expected) => {
    expect(way({ image: 'a', pullPolicy }, true, {}, ageMs)).toBe(expected);
  });

  test('is pulled when it is missing, and kept when it is there', () => {
    expect(way({ image: 'a' }, false)).toBe('pull');
    expect(way({ image: 'a' }, true)).toBe('keep');
  });

  test('is pulled or not as the policy says, of the command line first', () => {
    expect(way({ image: 'a', pullPolicy: 'always' }, true)).toBe('pull');
    expect(way({ image: 'a', pullPolicy: 'always' }, true, { pull: 'never' })).toBe('keep');
    expect(way({ image: 'a' }, false, { pull: 'never' })).toBe('missing');
  });

  test('is built where there is something to build, unless it must not be', () => {
    expect(way({ build }, false)).toBe('build');
    expect(way({ build }, true)).toBe('keep');
    expect(way({ build }, true, { build: 'always' })).toBe('build');
    expect(way({ build, pullPolicy: 'build' }, true)).toBe('build');
    expect(way({ build }, false, { build: 'never' })).toBe('missing');
    expect(way({ build, image: 'a', pullPolicy: 'never' }, false)).toBe('build');
  });
});
