import { formatRows } from '../../../src/cli/format-template.js';

const row = { Name: 'web', State: 'Running', Labels: ['a=1', 'b=2'], Driver: { Port: 22, Ok: true } };

test.each([
  ['{{.Name}}', 'web\n'],
  ['{{ .Name }}: {{.State}}', 'web: Running\n'],
  ['{{.Name}}\\t{{.State}}', 'web\tRunning\n'],
  ['{{.Driver.Port}} {{.Driver.Ok}}', '22 true\n'],
  ['{{json .Labels}}', '["a=1","b=2"]\n'],
  ['{{.Labels | json}}', '["a=1","b=2"]\n'],
  ['{{json .Driver}}', '{"Port":22,"Ok":true}\n'],
  ['{{.Labels}}', '[a=1 b=2]\n'],
  ['{{.Driver}}', 'map[Ok:true Port:22]\n'],
  ['{{join .Labels ", "}}', 'a=1, b=2\n'],
  ['{{upper .Name}} {{lower .State}} {{len .Labels}}', 'WEB running 2\n'],
  ['{{.Name | upper | json}}', '"WEB"\n'],
  ['{{"literal"}}', 'literal\n'],
  ['plain', 'plain\n'],
])('formatRows(%j)', (format, expected) => {
  expect(formatRows(format, [row])).toBe(expected);
});

test('formatRows() prints a table with headers and aligned columns', () => {
  const rows = [row, { ...row, Name: 'a-longer-name', State: 'Stopped' }];

  expect(formatRows('table {{.Name}}\\t{{.State}}', rows, { headers: { State: 'STATUS' } })).toBe(
    'NAME            STATUS\nweb             Running\na-longer-name   Stopped\n',
  );
});

test('formatRows("json") prints one object for each row', () => {
  expect(formatRows('json', [{ a: 1 }, { a: 2 }])).toBe('{"a":1}\n{"a":2}\n');
});

test.each(['{{.Name', '{{.Nope}}', '{{range .Labels}}', '{{frob .Name}}', '{{.Driver.Nope}}'])(
  'formatRows(%j) is refused',
  (format) => {
    expect(() => formatRows(format, [row])).toThrow(expect.objectContaining({ code: 'FORMAT_INVALID' }));
  },
);

test('formatRows() prints <no value> for a missing field when it is lenient', () => {
  expect(formatRows('{{.Nope.More}}', [row], { lenient: true })).toBe('<no value>\n');
});
