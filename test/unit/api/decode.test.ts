import {
  bool,
  DecodeError,
  integer,
  list,
  map,
  object,
  set,
  text,
  textOrList,
} from '../../../src/api/decode.js';

const decode = object({ Name: text, Tty: bool, Size: integer, Labels: map(text), Env: list(text) }, 'Thing');

test('object() ignores unknown keys, null, and the case of keys', () => {
  expect(decode({ name: 'a', TTY: true, Labels: null, Other: 1 }, '')).toEqual({ Name: 'a', Tty: true });
  expect(decode(null, '')).toBeUndefined();
});

test('object() names the field of a wrong type in the words of Go', () => {
  const message = (value: object) => {
    try {
      decode(value, '');
    } catch (error) {
      return error instanceof DecodeError ? error.message : undefined;
    }
    return undefined;
  };

  expect(message({ Tty: 'yes' })).toBe(
    'json: cannot unmarshal string into Go struct field Thing.Tty of type bool',
  );
  expect(message({ Env: {} })).toBe(
    'json: cannot unmarshal object into Go struct field Thing.Env of type []',
  );
  expect(message({ Size: 1.5 })).toContain('type int64');
});

test('textOrList() takes one word for a list of one', () => {
  expect(textOrList('sh', '')).toEqual(['sh']);
  expect(textOrList(['sh', '-c'], '')).toEqual(['sh', '-c']);
});

test('set() keeps the keys', () => {
  expect(set({ '80/tcp': {}, '53/udp': null }, '')).toEqual({ '80/tcp': {}, '53/udp': {} });
});

test('map() has no way to the prototype', () => {
  const labels = map(text)(JSON.parse('{"__proto__":"x","a":"b"}'), '');

  expect(Object.getPrototypeOf(labels)).toBe(Object.prototype);
  expect(labels?.['a']).toBe('b');
});
