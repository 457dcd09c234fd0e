import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSpec } from '../../../../src/agent/runtime/container-files.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';

test.each([
  ['that is not there', undefined],
  ['that is empty', ''],
  ['whose end is missing', '{"process":{"args":["sh"'],
])('a specification %s is none', async (_, text) => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, 'config.json');
  if (text !== undefined) await writeFile(path, text);

  expect(readSpec(path)).toBeUndefined();
});
