import { readdir } from 'node:fs/promises';
import { waitUntil } from '../../../src/shared/wait-until.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { AgentLab } from './engine/support/agent-lab.js';

test('what was compiled is kept while the agent runs, not only at a clean end', async () => {
  await using cache = await temporaryDirectory();
  process.env['NODE_COMPILE_CACHE'] = cache.path;
  await using lab = await AgentLab.start();
  delete process.env['NODE_COMPILE_CACHE'];
  const kept = async () => (await readdir(cache.path, { recursive: true })).length > 1 || undefined;

  await waitUntil(kept, { what: 'the compile cache', timeoutMs: 60_000, intervalMs: 100 });

  await lab.endAgent('SIGKILL');
  expect(await readdir(cache.path)).not.toEqual([]);
}, 120_000);
