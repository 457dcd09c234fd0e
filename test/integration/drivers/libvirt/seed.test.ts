import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isoImage } from '../../../../src/drivers/libvirt/seed/iso9660.js';
import { runOrThrow } from '../../../../src/shared/spawn.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';

const long = `${'x'.repeat(5000)}\n`;

test('other programs find label and files of our seed image', async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, 'seed.iso');
  const files = [
    { name: 'user-data', content: long },
    { name: 'meta-data', content: 'instance-id: i-1\n' },
    { name: 'empty', content: '' },
  ];
  await writeFile(path, isoImage('cidata', files));

  const said = async (...argv: string[]) => (await runOrThrow(argv)).stdout;
  expect(await said('blkid', '-p', '-o', 'export', path)).toMatch(/^LABEL=cidata\nTYPE=iso9660$/m);
  expect((await said('isoinfo', '-i', path, '-f')).trim().split('\n')).toEqual([
    '/EMPTY.;1',
    '/META-DATA.;1',
    '/USER-DATA.;1',
  ]);
  expect(await said('isoinfo', '-i', path, '-x', '/USER-DATA.;1')).toBe(long);
  expect(await said('isoinfo', '-i', path, '-x', '/META-DATA.;1')).toBe('instance-id: i-1\n');
});
