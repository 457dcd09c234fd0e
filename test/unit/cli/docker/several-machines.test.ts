import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { withLabels } from '../../../../src/cli/docker/label-text.js';
import { withMachine } from '../../../../src/cli/docker/list-command.js';
import { linePrefixes, PrefixedLines } from '../../../../src/cli/docker/prefixed-lines.js';
import { formatRows } from '../../../../src/cli/format-template.js';

test('a row knows its machine for every template, and as JSON where several were asked', () => {
  const rows = (shown: boolean) => [withMachine({ ID: '1' }, 'web', shown)];

  expect(formatRows('{{.Machine}}/{{.ID}}', rows(false))).toBe('web/1\n');
  expect(formatRows('json', rows(false))).toBe('{"ID":"1"}\n');
  expect(formatRows('{{json .}}', rows(true))).toBe('{"ID":"1","Machine":"web"}\n');
  expect(formatRows('table {{.Machine}}\t{{.ID}}', rows(true))).toBe('MACHINE   ID\nweb       1\n');
});

test('prefixes are as wide as the longest name, each in a colour of its own', () => {
  expect([...linePrefixes(['a', 'web'], { coloured: false }).values()]).toEqual(['a   | ', 'web | ']);
  expect([...linePrefixes(['a', 'b'], { coloured: true }).values()]).toEqual([
    '\u001b[36ma | \u001b[0m',
    '\u001b[33mb | \u001b[0m',
  ]);
});

test('lines are prefixed whole, however they are cut', async () => {
  const target = new PassThrough();
  const lines = new PrefixedLines('x| ', target);
  const bytes = Buffer.from('one\ntwö\n\nlast');
  for (const byte of bytes) lines.write(Buffer.from([byte]));
  lines.end();
  await finished(lines);

  expect(String(target.read())).toBe('x| one\nx| twö\nx| \nx| last\n');
});

test('a row gives its labels one by one, with a header of the label’s name', () => {
  const row = withMachine(withLabels({ ID: '1' }, { 'com.my-app': 'x' }), 'web', true);

  expect(formatRows('{{.Label "com.my-app"}}/{{.Label "none"}}', [row])).toBe('x/\n');
  expect(formatRows('table {{.ID}}\t{{.Label "com.my-app"}}', [row])).toBe('ID   my app\n1    x\n');
  expect(() => formatRows('{{.ID "x"}}', [row])).toThrow('.ID is not a function');
});
