import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { listInterfaces } from '../../../../src/agent/kernel/interfaces.js';
import { inNetworkNamespace, openNetworkNamespace } from '../../../../src/agent/kernel/network-namespace.js';
import { waitUntil } from '../../../../src/shared/wait-until.js';

let keeper: ChildProcess;
beforeAll(async () => {
  keeper = spawn('unshare', ['-n', 'sleep', 'infinity'], { stdio: 'ignore' });
  const isThere = async () => {
    const name = await readFile(`/proc/${keeper.pid}/comm`, 'utf8').catch(() => '');
    return name.trim() === 'sleep' || undefined;
  };
  await waitUntil(isThere, { what: 'the namespace', timeoutMs: 30_000, intervalMs: 10 });
});
afterAll(() => {
  keeper.kill('SIGKILL');
});

function ip(input: string, ...args: readonly string[]): string {
  const argv = ['-t', String(keeper.pid), '-n', 'ip', ...args];
  return execFileSync('nsenter', argv, { input, encoding: 'utf8' });
}

test('listInterfaces() tells what ip tells, of more interfaces than one answer holds', () => {
  const pairs = Array.from({ length: 60 }, (_, n) => `link add a${n} master br0 type veth peer name b${n}\n`);
  ip(`link add br0 type bridge\n${pairs.join('')}`, '-batch', '-');
  const told: { ifindex: number; ifname: string; master?: string }[] = JSON.parse(ip('', '-j', 'link'));
  const indices = new Map(told.map(({ ifname, ifindex }) => [ifname, ifindex]));

  const namespace = openNetworkNamespace(keeper.pid ?? 0);
  const found = inNetworkNamespace(namespace, listInterfaces);
  closeSync(namespace);

  expect(found).toEqual(
    told.map(({ ifname, ifindex, master = '' }) => ({
      name: ifname,
      index: ifindex,
      master: indices.get(master) ?? 0,
    })),
  );
  expect(found.filter(({ master }) => master > 0)).toHaveLength(60);
});
