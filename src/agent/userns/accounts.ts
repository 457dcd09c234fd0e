import { readFile } from 'node:fs/promises';
import { run } from '../kernel/spawn.js';

export interface Account {
  readonly name: string;
  readonly id: number;
  /** A user's own group. */
  readonly groupId: number | undefined;
}

/** The user or group of that name or number: of /etc/passwd or /etc/group, else of the host's name services. */
export async function findAccount(
  etc: string,
  database: 'passwd' | 'group',
  key: string,
): Promise<Account | undefined> {
  const text = await readFile(`${etc}/${database}`, 'utf8').catch(() => '');
  return accountIn(text, key) ?? accountIn(await ask(database, key), key);
}

/** A name that consists of digits is a number, as Docker reads it. */
export function accountIn(text: string, key: string): Account | undefined {
  const isNumber = /^\d+$/.test(key);
  for (const line of text.split('\n')) {
    const [name = '', , id = '', groupId = ''] = line.split(':');
    if (!/^\d+$/.test(id) || (isNumber ? id !== key : name !== key)) continue;
    return { name, id: Number(id), groupId: /^\d+$/.test(groupId) ? Number(groupId) : undefined };
  }
  return undefined;
}

async function ask(database: string, key: string): Promise<string> {
  const { stdout } = await run(['getent', database, key], { timeoutMs: 10_000 }).catch(() => ({
    stdout: '',
  }));
  return stdout;
}
