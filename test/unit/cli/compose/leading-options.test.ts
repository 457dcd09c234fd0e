import { hoistComposeOptions } from '../../../../src/cli/compose/leading-options.js';

test.each([
  ['compose up', 'compose up'],
  ['compose -f a.yaml logs -f web', 'compose logs --file a.yaml -f web'],
  ['compose -fa.yaml --file=b.yaml -p=x up', 'compose up --file a.yaml --file b.yaml --project-name x'],
  ['compose --profile a --dry-run -m web up -d', 'compose up --profile a --dry-run --machine web -d'],
  ['--debug compose -p x ps', '--debug compose ps --project-name x'],
  ['compose --help', 'compose --help'],
  ['compose -f a.yaml --help', 'compose -f a.yaml --help'],
  ['run compose -f a', 'run compose -f a'],
])('"%s" is read as "%s"', (given, read) => {
  expect(hoistComposeOptions(given.split(' '))).toEqual(read.split(' '));
});
