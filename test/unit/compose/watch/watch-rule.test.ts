import { ruleWith } from './support.js';

test('a rule concerns its path and what is below it', () => {
  const rule = ruleWith();
  expect(
    ['/app/src', '/app/src/a', '/app/src/a/b', '/app/src2', '/app', '/'].map((path) => rule.matches(path)),
  ).toEqual([true, true, true, false, false, false]);
});

test.each([
  ['/app/src', '/srv', '/app/src/a/b', '/srv/a/b'],
  ['/app/src', 'srv/', '/app/src/a', '/srv/a'],
  ['/app/conf', '/etc/conf', '/app/conf', '/etc/conf'],
  ['/app/src', '/', '/app/src/..a', '/..a'],
])('with path %s and target %s, %s is %s', (path, target, source, expected) => {
  expect(ruleWith({ path, target }).targetOf(source)).toBe(expected);
});

test('ignore is relative to the path of the rule, .dockerignore to the context', () => {
  const rule = ruleWith(
    { ignore: ['node_modules', '*.log'] },
    { ignored: 'src/secret\n**/*.tmp\n!src/a.tmp' },
  );
  const matching = (path: string) => rule.matches(`/app/src/${path}`);
  expect(
    ['node_modules', 'node_modules/x/y', 'a.log', 'secret', 'secret/key', 'b.tmp'].filter(matching),
  ).toEqual([]);
  expect(['deep/a.log', 'deep/node_modules/x', 'a.tmp', 'b'].filter(matching)).toHaveLength(4);
});

test('include leaves out what it does not name, and ignore counts all the same', () => {
  const rule = ruleWith({ include: ['**/*.js', 'static'], ignore: ['dist'] });
  const matching = (path: string) => rule.matches(`/app/src/${path}`);
  expect(['a.js', 'deep/b.js', 'static/logo.png', 'a.css', 'dist/a.js'].filter(matching)).toEqual([
    'a.js',
    'deep/b.js',
    'static/logo.png',
  ]);
  expect(ruleWith({ path: '/app/main.js', include: ['*.css'] }).matches('/app/main.js')).toBe(true);
});

test('nobody looks where nothing can match', () => {
  const rule = ruleWith({ ignore: ['node_modules', 'dist', '!dist/keep'], include: ['*.js'] });
  expect(rule.isBlindTo('/app/src/node_modules')).toBe(true);
  expect(rule.isBlindTo('/app/other')).toBe(true);
  for (const path of ['/', '/app', '/app/src', '/app/src/dist', '/app/src/lib'])
    expect([path, rule.isBlindTo(path)]).toEqual([path, false]);
});
