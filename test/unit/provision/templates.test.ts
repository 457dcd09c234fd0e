import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../../src/shared/package-root.js';
import { runOrThrow } from '../../../src/shared/spawn.js';
import { renderTemplate } from '../../../src/shared/template.js';

test('renderTemplate() puts values in their places', async () => {
  const text = await renderTemplate('agent/launcher.sh', { node: '/n/node', agent: '/a/agent.mjs' });

  expect(text).toContain(
    'exec /n/node --max-old-space-size=512 --max-semi-space-size=1 --heap-growing-percent=200 /a/agent.mjs "$command"',
  );
  expect(text).not.toContain('{{');
});

test('renderTemplate() throws for a place without a value', async () => {
  await expect(renderTemplate('agent/launcher.sh', { node: '/n' })).rejects.toThrow('no value for "agent"');
});

test('the systemd unit lets containers outlive the agent', async () => {
  const unit = await renderTemplate('systemd/tsmachine-agent.service');

  for (const line of [
    'KillMode=process',
    'Delegate=yes',
    'Restart=always',
    'ExecReload=/bin/kill -HUP $MAINPID',
  ]) {
    expect(unit).toContain(`\n${line}\n`);
  }
});

test('every shell template is one that sh can read', async () => {
  const root = join(packageRoot(), 'templates');
  for (const path of await readdir(root, { recursive: true })) {
    if (!/agent\/|supervised\/|openrc\//.test(path)) continue;
    await runOrThrow(['sh', '-n'], { input: await readFile(join(root, path), 'utf8') });
  }
});
