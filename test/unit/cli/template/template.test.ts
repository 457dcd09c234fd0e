import fc from 'fast-check';
import { formatRows } from '../../../../src/cli/format-template.js';

const row = {
  Name: 'web',
  State: 'Running',
  Port: 22,
  Load: 0.5,
  Ok: true,
  Empty: '',
  Nothing: null,
  Labels: ['a=1', 'b=2'],
  Driver: { Image: 'debian', Zone: { Name: 'a' } },
  Ports: { '443/tcp': [{ HostPort: '8443' }], '22/tcp': null },
};

const render = (format: string) => formatRows(format, [row]).slice(0, -1);

test.each([
  // branches
  ['{{if .Ok}}yes{{end}}', 'yes'],
  ['{{if .Empty}}yes{{else}}no{{end}}', 'no'],
  ['{{if .Empty}}1{{else if .Ok}}2{{else}}3{{end}}', '2'],
  ['{{if eq .State "Running"}}up{{end}}', 'up'],
  ['{{with .Driver}}{{.Image}}{{end}}', 'debian'],
  ['{{with .Nothing}}x{{else}}none of {{.Name}}{{end}}', 'none of web'],
  ['{{with .Empty}}x{{else with .Name}}{{.}}{{end}}', 'web'],
  // loops
  ['{{range .Labels}}[{{.}}]{{end}}', '[a=1][b=2]'],
  ['{{range $i, $l := .Labels}}{{$i}}:{{$l}} {{end}}', '0:a=1 1:b=2 '],
  ['{{range $p, $b := .Ports}}{{$p}}{{range $b}}>{{.HostPort}}{{end}} {{end}}', '22/tcp 443/tcp>8443 '],
  ['{{range .Nothing}}x{{else}}empty{{end}}', 'empty'],
  ['{{range .Labels}}{{.}}{{break}}{{end}}', 'a=1'],
  ['{{range .Labels}}{{if eq . "a=1"}}{{continue}}{{end}}{{.}}{{end}}', 'b=2'],
  ['{{range .Labels}}{{$.Name}} {{end}}', 'web web '],
  // variables
  ['{{$x := .Name}}{{$x}}', 'web'],
  ['{{$x := 1}}{{if .Ok}}{{$x = 2}}{{end}}{{$x}}', '2'],
  ['{{$x := 1}}{{if .Ok}}{{$x := 2}}{{end}}{{$x}}', '1'],
  ['{{$d := .Driver}}{{$d.Zone.Name}}', 'a'],
  // functions
  ['{{and .Ok .Name}} {{or .Empty "x"}} {{not .Ok}}', 'web x false'],
  ['{{and .Empty (index .Labels 9)}}|', '|'],
  [
    '{{ne .Port 23}} {{lt .Port 23}} {{le .Port 22}} {{gt .Load 0.4}} {{ge "b" "a"}}',
    'true true true true true',
  ],
  ['{{eq .Name "db" "web"}}', 'true'],
  ['{{len .Labels}} {{len "äb"}} {{len .Driver}}', '2 3 2'],
  ['{{index .Labels 1}} {{(index .Ports "443/tcp" 0).HostPort}}', 'b=2 8443'],
  ['{{slice .Name 1 2}} {{slice .Name 1}}', 'e eb'],
  [
    '{{printf "%-5s|%5s|%05d|%x|%q|%v|%.2f|%t" .Name .Name .Port .Port .Name .Labels .Load .Ok}}',
    'web  |  web|00022|16|"web"|[a=1 b=2]|0.50|true',
  ],
  ['{{printf "%d" .Name}} {{printf "%s"}} {{printf "x" 1}}', '%!d(string=web) %!s(MISSING) x%!(EXTRA int=1)'],
  ['{{print 1 2 "a" "b" 3}}|{{println .Name 1}}', '1 2a b3|web 1\n'.replace('a b', 'ab')],
  ['{{join (split "a,b,c" ",") "-"}}', 'a-b-c'],
  ['{{title "hello big world"}} {{lower "ABC"}} {{upper "abc"}}', 'Hello Big World abc ABC'],
  ['{{truncate .State 3}}|{{truncate .Name 9}}|{{pad .Name 1 2}}|{{pad "" 1 2}}|', 'Run|web| web  ||'],
  ['{{.Name | printf "%s-%s" "a"}}', 'a-web'],
  ['{{.Labels | len | printf "%03d"}}', '002'],
  ['{{json .Driver}}', '{"Image":"debian","Zone":{"Name":"a"}}'],
  ['{{html "<a>"}} {{urlquery "a b&"}}', '&lt;a&gt; a+b%26'],
  // values
  [
    '{{.Nothing}} {{.Load}} {{true}} {{`raw\\n`}} {{"q\\t\\u00e4"}} {{0x10}}',
    '<no value> 0.5 true raw\\n q\tä 16',
  ],
  ['{{print nil}}', '<nil>'],
  // space and comments
  ['a  {{- .Name -}}  b', 'awebb'],
  ['{{/* nothing }} */}}x{{- /* and */ -}} y', 'xy'],
  ['{{"}}"}}', '}}'],
])('%j gives %j', (format, expected) => {
  expect(render(format)).toBe(expected);
});

test.each([
  '{{if .Ok}}',
  '{{end}}',
  '{{else}}',
  '{{range .Ok}}{{end}}',
  '{{break}}',
  '{{$x}}',
  '{{.Name.More}}',
  '{{.Name | nope}}',
  '{{"a" | "b"}}',
  '{{eq .Name 1}}',
  '{{lt .Ok 1}}',
  '{{index .Labels 5}}',
  '{{len .Port}}',
  '{{join .Name ","}}',
  '{{(.Name}}',
  '{{.Name)}}',
  '{{}}',
  '{{"a}}',
  '{{template "x"}}',
  '{{.Name .State}}',
  '{{if .Ok}}{{else}}{{else}}{{end}}',
])('%j is refused', (format) => {
  expect(() => render(format)).toThrow(expect.objectContaining({ code: 'FORMAT_INVALID' }));
});

test('a table has headers through functions, branches and loops', () => {
  const format = 'table {{upper .Name}}\\t{{json .Labels}}\\t{{if .Ok}}{{.State}}{{end}}';

  expect(formatRows(format, [row], { headers: { State: 'STATUS' } })).toBe(
    'NAME   LABELS          STATUS\nWEB    ["a=1","b=2"]   Running\n',
  );
});

test('whatever the text, a template gives it back or is refused as invalid', () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 5 }),
    fc.constantFrom(
      '{{',
      '}}',
      '.',
      '.Name',
      'if ',
      'end',
      '$x',
      ':=',
      '"',
      '(',
      ')',
      '|',
      'range ',
      '-',
      '/*',
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      try {
        expect(typeof formatRows(pieces.join(''), [row])).toBe('string');
      } catch (error) {
        expect(error).toMatchObject({ code: 'FORMAT_INVALID' });
      }
    }),
    { numRuns: 2000 },
  );
});
