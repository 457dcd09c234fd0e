import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntil } from '../../../../src/shared/wait-until.js';
import { AgentLab } from './support/agent-lab.js';

/** Writes down the first line of every connection, and refuses to go on. */
const proxy = `require('node:net').createServer((socket) => {
  socket.on('error', () => {});
  socket.once('data', (bytes) => {
    require('node:fs').appendFileSync(process.argv[1], bytes.toString().split('\\r\\n')[0] + '\\n');
    socket.end('HTTP/1.1 403 Forbidden\\r\\n\\r\\n');
  });
}).listen(3128, '127.0.0.1')`;

test('registries are asked through the configured proxy, which info shows without its password', async () => {
  await using lab = await AgentLab.start();
  const asked = join(lab.directory, 'asked');
  const isUp = [
    process.execPath,
    '-e',
    `require('node:net').connect(3128, '127.0.0.1').on('connect', process.exit)`,
  ];
  await using _proxy = await lab.serving([process.execPath, '-e', proxy, asked], isUp);
  await lab.endAgent('SIGTERM');
  const path = join(lab.directory, 'agent.json');
  const config = JSON.parse(await readFile(path, 'utf8'));
  const url = 'http://me:secret@127.0.0.1:3128';
  await writeFile(path, JSON.stringify({ ...config, proxies: { httpsProxy: url, noProxy: '.inside' } }));
  await lab.startAgent();

  const format = '{{.HTTPProxy}} {{.HTTPSProxy}} {{.NoProxy}}';
  const { stdout } = await lab.docker(['info', '--format', format]);
  expect(stdout.trim()).toBe('http://xxxxx:xxxxx@127.0.0.1:3128 .inside');

  const { code, stderr } = await lab.docker(['pull', 'registry.example/x']);
  expect(code).toBe(1);
  expect(stderr).not.toContain('secret');
  const lines = await waitUntil(() => readFile(asked, 'utf8').catch(() => undefined), {
    ...{ what: 'a question to the proxy', timeoutMs: 30_000, intervalMs: 50 },
  });
  expect(lines).toContain('CONNECT registry.example:443 HTTP/1.1');
}, 120_000);
