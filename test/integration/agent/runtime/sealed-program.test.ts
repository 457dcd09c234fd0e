import { chmod, copyFile, mkdtemp, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, runOrThrow } from '../../../../src/agent/kernel/spawn.js';
import { SealedProgram } from '../../../../src/agent/runtime/sealed-program.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp('/tmp/sealed-');
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

/** How often the dynamic linker started a program. */
async function starts(argv: readonly string[]): Promise<number> {
  const { stderr } = await runOrThrow(argv, { env: { LD_DEBUG: 'statistics' } });
  return stderr.match(/total startup time/g)?.length ?? 0;
}

test('crun runs from the copy, without a copy of its own', async () => {
  const program = new SealedProgram('/usr/bin/crun', join(directory, 'sealed'));

  expect(await starts(['/usr/bin/crun', '--version'])).toBe(2);
  expect(await starts([program.path(), '--version'])).toBe(1);
  program.close();
});

test('the process has the program’s name', async () => {
  const program = new SealedProgram('/bin/cat', join(directory, 'sealed'));
  const { stdout } = await run([program.path(), '/proc/self/comm']);
  program.close();

  expect(stdout).toBe('cat\n');
});

test('nobody can change the copy', async () => {
  const program = new SealedProgram('/bin/true', join(directory, 'sealed'));
  const written = open(program.path(), 'r+').then(async (file) => {
    await file.write('x').finally(() => file.close());
  });
  await expect(written).rejects.toMatchObject({ code: 'EPERM' });
  program.close();
});

test('a program that was replaced is copied anew', async () => {
  const path = join(directory, 'program');
  await copyFile('/bin/true', path);
  const program = new SealedProgram(path, join(directory, 'sealed'));
  expect(await run([program.path()])).toMatchObject({ code: 0 });
  await copyFile('/bin/false', `${path}.new`);
  await rename(`${path}.new`, path);

  expect(await run([program.path()])).toMatchObject({ code: 1 });
  program.close();
});

test('what cannot be run from memory is run from its file', async () => {
  const path = join(directory, 'missing');
  const program = new SealedProgram(path, join(directory, 'sealed'));
  expect(program.path()).toBe(path);
  await writeFile(path, '#!/bin/sh\nexit 7\n');
  await chmod(path, 0o755);

  expect(await run([program.path()])).toMatchObject({ code: 7 });
  program.close();
  expect(await readdir(join(directory, 'sealed'))).toEqual([]);
});
