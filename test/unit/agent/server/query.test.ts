import { Query } from '../../../../src/agent/server/query.js';

test('flag() reads booleans as loosely as Docker', () => {
  const query = new Query('a=1&b=true&c=True&d=yes&e=0&f=false&g=no&h=none&i=');

  expect(['a', 'b', 'c', 'd'].map((name) => query.flag(name))).toEqual([true, true, true, true]);
  expect(['e', 'f', 'g', 'h', 'i', 'absent'].map((name) => query.flag(name))).toEqual(Array(6).fill(false));
  expect(query.flag('absent', true)).toBe(true);
});

test('text() takes an empty value for none', () => {
  expect(new Query('name=').text('name')).toBeUndefined();
  expect(new Query('name=a%20b').text('name')).toBe('a b');
});

test('integer() refuses what is no number', () => {
  expect(new Query('t=-1').integer('t')).toBe(-1);
  expect(new Query('').integer('t')).toBeUndefined();
  expect(() => new Query('t=ten').integer('t')).toThrow('strconv.Atoi: parsing "ten": invalid syntax');
});

test('filters() reads both JSON forms and refuses others', () => {
  const of = (json: string) => new Query(`filters=${encodeURIComponent(json)}`).filters();

  expect(of('{"status":["running","exited"]}').get('status')).toEqual(new Set(['running', 'exited']));
  expect(of('{"label":{"a=b":true,"c":false}}').get('label')).toEqual(new Set(['a=b']));
  expect(new Query('').filters().size).toBe(0);
  expect(() => of('[]')).toThrow('invalid filter');
  expect(() => of('{')).toThrow('invalid filter');
});
