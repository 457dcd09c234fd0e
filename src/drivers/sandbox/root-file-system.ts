import { constants } from 'node:fs';
import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SandboxInstance } from './instance.js';

/** What the driver made for the sandbox's sshd. */
export interface Keys {
  /** Goes to root's authorized_keys. */
  readonly authorizedKey: string;
  readonly hostPrivateKey: string;
  readonly hostPublicKey: string;
}

/** Writes the files that boot.sh copies into the root file system when it boots for the first time. */
export async function writeSeed(state: string, instance: SandboxInstance, keys: Keys): Promise<void> {
  const seed = join(state, 'seed');
  await rm(seed, { recursive: true, force: true });
  // Owner and mode are copied too, for directories as well.
  await mkdir(seed, { mode: 0o755 });
  await mkdir(join(seed, 'etc/ssh'), { recursive: true, mode: 0o755 });
  await mkdir(join(seed, 'root/.ssh'), { recursive: true, mode: 0o700 });
  const files: readonly [path: string, content: string, mode: number][] = [
    ['etc/hostname', `${instance.hostname}\n`, 0o644],
    ['etc/hosts', hosts(instance), 0o644],
    ['etc/ssh/ssh_host_ed25519_key', keys.hostPrivateKey, 0o600],
    ['etc/ssh/ssh_host_ed25519_key.pub', `${keys.hostPublicKey}\n`, 0o644],
    ['root/.ssh/authorized_keys', `${keys.authorizedKey}\n`, 0o600],
  ];
  for (const [path, content, mode] of files) await writeFile(join(seed, path), content, { mode });
}

/** Before every boot: this machine may have moved to another network. */
export async function writeResolvConf(state: string): Promise<void> {
  await writeFile(join(state, 'resolv.conf'), await resolvConf(), { mode: 0o644 });
}

/** What of a root file system is missing for a sandbox to boot; empty when it will do. */
export async function missingInBase(base: string): Promise<readonly string[]> {
  const needed = ['bin/sh', 'usr/sbin/sshd', 'etc/passwd'];
  const missing: string[] = [];
  for (const path of needed) {
    await access(join(base, path), constants.F_OK).catch(() => missing.push(path));
  }
  return missing;
}

function hosts({ hostname, address }: SandboxInstance): string {
  return `127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n${address ?? '127.0.1.1'} ${hostname}\n`;
}

/** A resolver on this machine's loopback cannot be reached from a sandbox; systemd-resolved says its own servers. */
async function resolvConf(): Promise<string> {
  const own = await readFile('/etc/resolv.conf', 'utf8').catch(() => '');
  if (!/^nameserver\s+127\./m.test(own)) return own;
  return readFile('/run/systemd/resolve/resolv.conf', 'utf8').catch(() => own);
}
