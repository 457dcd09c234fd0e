import {
  logDetails,
  logLimits,
  validateLogConfig,
  withLogDefaults,
} from '../../../../../src/agent/engine/containers/log-config.js';
import type { ContainerRecord } from '../../../../../src/agent/engine/containers/record.js';

const host = { Type: 'json-file', Config: { 'max-size': '10m' } };

test('withLogDefaults() takes the host’s options for the host’s driver only', () => {
  expect(withLogDefaults(undefined, host)).toEqual(host);
  expect(withLogDefaults({ Type: 'json-file', Config: { 'max-file': '2' } }, host)).toEqual({
    Type: 'json-file',
    Config: { 'max-size': '10m', 'max-file': '2' },
  });
  expect(withLogDefaults({ Type: 'local' }, host)).toEqual({ Type: 'local', Config: {} });
});

test('logLimits() has the defaults of the drivers and powers of 1000', () => {
  expect(logLimits({ Type: 'json-file' })).toEqual({ maxSize: undefined, maxFiles: 1, compress: false });
  expect(logLimits({ Type: 'local' })).toEqual({ maxSize: 20_000_000, maxFiles: 5, compress: true });
  expect(
    logLimits({ Type: 'json-file', Config: { 'max-size': '1.5KB', 'max-file': '3', compress: 'true' } }),
  ).toEqual({ maxSize: 1500, maxFiles: 3, compress: true });
});

test.each([
  ['foo', {}, "logger: no log driver named 'foo' is registered"],
  ['fluentd', {}, 'log driver "fluentd" is not supported by this engine'],
  ['json-file', { x: '1' }, "unknown log opt 'x' for json-file log driver"],
  ['json-file', { 'max-size': 'x' }, "invalid size: 'x'"],
  ['json-file', { 'max-size': '0' }, 'max-size must be a positive number'],
  ['json-file', { 'max-file': '0' }, 'max-file cannot be less than 1'],
  ['json-file', { 'max-file': 'x' }, 'strconv.Atoi: parsing "x": invalid syntax'],
  [
    'json-file',
    { compress: 'true' },
    'compress cannot be true when max-file is less than 2 or max-size is not set',
  ],
  ['json-file', { mode: 'x' }, 'logger: logging mode not supported: x'],
  [
    'json-file',
    { 'max-buffer-size': '1m' },
    "logger: max-buffer-size option is only supported with 'mode=non-blocking'",
  ],
  ['json-file', { tag: '{{.Nope}}' }, 'cannot use "{{.Nope}}" in a log tag'],
])('validateLogConfig() refuses %s with %j', (Type, Config, message) => {
  expect(() => validateLogConfig({ Type, Config: Config as Record<string, string> })).toThrow(message);
});

test('validateLogConfig() lets "none" have any option, as Docker', () => {
  expect(() => validateLogConfig({ Type: 'none', Config: { x: '1' } })).not.toThrow();
});

test('logDetails() shows what the options choose, in order and escaped', () => {
  const record = {
    id: 'a'.repeat(64),
    name: 'web',
    imageId: `sha256:${'b'.repeat(64)}`,
    config: { Labels: { 'com.a': '1 2', other: 'x' }, Env: ['E=b=c', 'NONE'] },
    hostConfig: {
      LogConfig: {
        Type: 'json-file',
        Config: { 'labels-regex': '^com', env: 'E,NONE', tag: '{{.Name}}/{{.ID}}' },
      },
    },
  } as unknown as ContainerRecord; // what the function reads

  expect(logDetails(record)).toBe('E=b%3Dc,com.a=1+2,tag=web%2Faaaaaaaaaaaa');
});
