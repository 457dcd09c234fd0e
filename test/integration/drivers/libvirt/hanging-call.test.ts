import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { run } from '../../../../src/shared/spawn.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';

const program = `
  import { createServer } from 'node:net';
  import { openConnection } from './src/drivers/libvirt/native/open-connection.js';
  const socket = process.argv[2];
  createServer(() => {}).listen(socket, async () => {
    const uri = 'qemu+unix:///system?socket=' + socket;
    await openConnection(uri, { timeoutMs: 200 }).catch((error) => console.log(error.code));
    process.exit(7);
  });`;

test('a process ends with its exit code and output while a call of libvirt hangs for ever', async () => {
  await using directory = await temporaryDirectory();
  const bundle = join(directory.path, 'program.mjs');
  const koffi = resolve('node_modules/koffi/index.js');
  await build({
    stdin: { contents: program, resolveDir: resolve('.'), loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    alias: { koffi },
    external: [koffi],
    outfile: bundle,
  });

  const ended = await run([process.execPath, bundle, join(directory.path, 'sock')], { timeoutMs: 30_000 });

  expect(ended).toEqual({ code: 7, stdout: 'LIBVIRT_TIMEOUT\n', stderr: '' });
});
