import { composeSettings, orphanPolicy, type SettingFlags } from '../../../../src/cli/compose/settings.js';

const none: SettingFlags = { parallel: undefined, progress: undefined, ansi: undefined, 'dry-run': false };

test.each<[string, object, Partial<SettingFlags>, object]>([
  ['nothing is said', {}, {}, { parallel: Infinity, progressOnStdout: false, removeOrphans: false }],
  ['a variable limits', { COMPOSE_PARALLEL_LIMIT: '3' }, {}, { parallel: 3 }],
  ['a flag comes before it', { COMPOSE_PARALLEL_LIMIT: '3' }, { parallel: 2 }, { parallel: 2 }],
  ['-1 is no limit', { COMPOSE_PARALLEL_LIMIT: '-1' }, {}, { parallel: Infinity }],
  [
    'how progress is shown',
    { COMPOSE_PROGRESS: 'json', COMPOSE_ANSI: 'never' },
    {},
    { progress: { progress: 'json', ansi: 'never', dryRun: false } },
  ],
  [
    'flags come before that',
    { COMPOSE_PROGRESS: 'nonsense', COMPOSE_ANSI: 'never' },
    { progress: 'tty', ansi: 'always' },
    { progress: { progress: 'tty', ansi: 'always', dryRun: false } },
  ],
  [
    'switches',
    { COMPOSE_STATUS_STDOUT: '1', COMPOSE_IGNORE_ORPHANS: 'True' },
    {},
    { progressOnStdout: true, ignoreOrphans: true },
  ],
  ['a switch that is off', { COMPOSE_REMOVE_ORPHANS: '0' }, {}, { removeOrphans: false }],
])('%s', (_what, variables, flags, expected) => {
  expect(composeSettings({ ...none, ...flags }, { ...variables })).toMatchObject(expected);
});

test.each<[object, Partial<SettingFlags>, string]>([
  [{ COMPOSE_PARALLEL_LIMIT: 'many' }, {}, 'COMPOSE_PARALLEL_LIMIT must be an integer (found: "many")'],
  [{ COMPOSE_PROGRESS: 'loud' }, {}, 'unsupported --progress value "loud"'],
  [{ COMPOSE_ANSI: 'never' }, { progress: 'tty' }, "can't use --progress tty while ANSI support is disabled"],
  [
    { COMPOSE_ANSI: 'always' },
    { progress: 'plain' },
    "can't use --progress plain while ANSI support is forced",
  ],
])('%j with %j is refused in the words of docker compose', (variables, flags, message) => {
  expect(() => composeSettings({ ...none, ...flags }, { ...variables })).toThrow(message);
});

test('orphans are told, removed or ignored, but not both', () => {
  const neither = { removeOrphans: false, ignoreOrphans: false };
  expect(orphanPolicy(false, neither)).toBe('tell');
  expect(orphanPolicy(true, neither)).toBe('remove');
  expect(orphanPolicy(false, { ...neither, removeOrphans: true })).toBe('remove');
  expect(orphanPolicy(false, { ...neither, ignoreOrphans: true })).toBe('ignore');
  expect(() => orphanPolicy(true, { ...neither, ignoreOrphans: true })).toThrow(
    'cannot combine COMPOSE_IGNORE_ORPHANS and --remove-orphans',
  );
});
