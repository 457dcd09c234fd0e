import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fastPath } from '../../../src/cli/fast-path.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const around = (environment: NodeJS.ProcessEnv) => ({ environment, platform: 'linux' as const });

test('names alone are listed without oclif, sorted as ls does, and filters are left to it', async () => {
  await using room = await temporaryDirectory();
  const ask = (...argv: string[]) => fastPath(argv, around({ TSMACHINE_STORAGE_PATH: room.path }));
  expect(ask('ls', '-q')).toBe('');

  for (const name of ['web10', 'web2', '.hidden', 'Alpha']) {
    await mkdir(join(room.path, 'machines', name), { recursive: true });
  }

  expect(ask('ls', '-q')).toBe('Alpha\nweb2\nweb10\n');
  expect(ask('ls', '--quiet', '-s', room.path)).toBe('Alpha\nweb2\nweb10\n');
  expect(ask('__complete', 'machines')).toBe('Alpha\nweb2\nweb10\n');
  expect(ask('ls')).toBeUndefined();
  expect(ask('ls', '-q', '--filter', 'name=web')).toBeUndefined();
});
