import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { formatRows } from '../../../src/cli/format-template.js';
import { run } from '../../../src/shared/spawn.js';
import { dockerClients } from '../../support/tsmachine.js';

let config: string;
let docker: string;

beforeAll(async () => {
  config = await mkdtemp(join(tmpdir(), 'tsmachine-template-'));
  const clients = await dockerClients();
  docker =
    clients.toSorted(
      (left, right) => Number.parseInt(right.version, 10) - Number.parseInt(left.version, 10),
    )[0]?.path ?? '';
});
afterAll(() => rm(config, { recursive: true, force: true }));

const word = fc.constantFrom('""', '"a"', '"Zo"', '"a,b,c"', '"ä ö"', '"x y"', '`r"`');
const number = fc.constantFrom('0', '1', '2', '-3', '17', '1.5', '0x1f');
const truth = fc.constantFrom('true', 'false');

const { text, integer, flag } = fc.letrec<{ text: string; integer: string; flag: string }>((tie) => {
  const any = fc.oneof(word, number, truth, tie('text'), tie('flag'));
  const inner = (maker: fc.Arbitrary<string>) => maker.map((made) => `(${made})`);
  return {
    text: fc.oneof(
      { depthSize: 'small' },
      word,
      fc
        .tuple(fc.constantFrom('upper', 'lower', 'title'), inner(tie('text')))
        .map((parts) => parts.join(' ')),
      inner(tie('text')).map((made) => `join (split ${made} ",") "-"`),
      inner(tie('text')).map((made) => `truncate ${made} 2`),
      inner(tie('text')).map((made) => `pad ${made} 1 2`),
      inner(tie('text')).map((made) => `json ${made}`),
      fc.tuple(inner(any), inner(any)).map(([left, right]) => `print ${left} ${right}`),
      fc
        .tuple(fc.constantFrom('%v', '%5v|', '%-5v|', '%q', '%s'), inner(tie('text')))
        .map(([verb, made]) => `printf "${verb}" ${made}`),
      fc
        .tuple(fc.constantFrom('%d', '%05d', '%x', '%+d', '%b', '%c'), fc.constantFrom('65', '97'))
        .map(([verb, made]) => `printf "${verb}" ${made}`),
    ),
    integer: fc.oneof(
      fc.constantFrom('0', '1', '7'),
      inner(tie('text')).map((made) => `len ${made}`),
    ),
    flag: fc.oneof(
      { depthSize: 'small' },
      truth,
      fc
        .tuple(fc.constantFrom('eq', 'ne', 'lt', 'le', 'gt', 'ge'), inner(tie('text')), inner(tie('text')))
        .map((parts) => parts.join(' ')),
      fc
        .tuple(fc.constantFrom('eq', 'lt', 'ge'), inner(tie('integer')), inner(tie('integer')))
        .map((parts) => parts.join(' ')),
      fc.tuple(fc.constantFrom('and', 'or'), inner(any), inner(any)).map((parts) => parts.join(' ')),
      inner(any).map((made) => `not ${made}`),
    ),
  };
});

const statement = fc.oneof(
  fc.oneof(text, integer, flag).map((made) => `{{${made}}}`),
  fc.tuple(flag, text, text).map(([test, yes, no]) => `{{if ${test}}}{{${yes}}}{{else}}{{${no}}}{{end}}`),
  fc.tuple(text, text).map(([value, other]) => `{{with ${value}}}<{{.}}>{{else}}{{${other}}}{{end}}`),
  text.map((value) => `{{range $i, $e := split (${value}) ","}}{{$i}}={{$e}};{{end}}`),
  text.map((value) => `{{$x := ${value}}}{{$x | printf "%q"}} {{- " t" -}} z`),
  integer.map((value) => `{{slice (printf "%05d" (${value})) 1 4 | len}}`),
);

test('docker makes the same of a template', async () => {
  const samples = fc.sample(fc.array(statement, { minLength: 15, maxLength: 15 }), { numRuns: 20, seed: 7 });
  for (const statements of samples) {
    const format = statements.join('\u001e');
    const theirs = await run([
      docker,
      '--config',
      config,
      'context',
      'inspect',
      'default',
      '--format',
      format,
    ]);
    const ours = formatRows(format, [{}]);
    expect(theirs).toMatchObject({ code: 0 });
    const [theirOutputs, ourOutputs] = [theirs.stdout, ours].map((output) => output.split('\u001e'));
    const pairs = (outputs: readonly string[] | undefined) =>
      statements.map((statement, at) => [statement, outputs?.[at]]);
    expect(pairs(ourOutputs)).toEqual(pairs(theirOutputs));
  }
});

test.each([
  '{{eq "a" 1}}',
  '{{lt true false}}',
  '{{"a" | "b"}}',
  '{{nope}}',
  '{{len 3}}',
  '{{if true}}',
  '{{$x}}',
  '{{upper 1}}',
  '{{join "a" ","}}',
  '{{index "a" 3}}',
  '{{break}}',
  '{{.Nope.X}}',
])('docker refuses %j too', async (format) => {
  const theirs = await run([docker, '--config', config, 'context', 'inspect', 'default', '--format', format]);

  expect(theirs.code).not.toBe(0);
  expect(() => formatRows(format, [{}])).toThrow(expect.objectContaining({ code: 'FORMAT_INVALID' }));
});
