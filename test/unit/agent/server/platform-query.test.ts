import { platformOf, platformOfJson } from '../../../../src/agent/server/platform-query.js';
import { Query } from '../../../../src/agent/server/query.js';

const json = (...values: readonly unknown[]) =>
  platformOfJson(
    new Query(values.map((value) => `platform=${encodeURIComponent(JSON.stringify(value))}`).join('&')),
  );

test('platformOf() reads os/architecture[/variant]', () => {
  expect(platformOf(new Query('platform=linux/arm/v7'))).toEqual({
    ...{ os: 'linux', architecture: 'arm', variant: 'v7' },
  });
  expect(platformOf(new Query('platform='))).toBeUndefined();
  expect(() => platformOf(new Query('platform=linux'))).toThrow('"linux" is an invalid platform');
});

test("platformOfJson() reads OCI's object, and refuses what is none in Docker's words", () => {
  expect(json({ os: 'linux', architecture: 'amd64', 'os.version': '1' })).toEqual({
    ...{ os: 'linux', architecture: 'amd64' },
  });
  expect(json()).toBeUndefined();
  expect(() => json({ os: 'linux' })).toThrow('both OS and Architecture must be provided');
  expect(() => json('linux/amd64')).toThrow('failed to parse platform');
  expect(() => platformOfJson(new Query('platform={'))).toThrow('failed to parse platform');
  const amd64 = { os: 'linux', architecture: 'amd64' };
  expect(() => json(amd64, amd64)).toThrow('multiple platform parameters not supported');
});
