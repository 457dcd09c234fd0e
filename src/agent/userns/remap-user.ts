import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '../../shared/atomic-file.js';
import { errorMessage } from '../../shared/errors.js';
import { runOrThrow } from '../kernel/spawn.js';
import { findAccount } from './accounts.js';
import { remapInvalid } from './errors.js';
import { freeId, parseSubordinateIds } from './subordinate-ids.js';

/** Docker's, for "default". */
export const remapUser = 'dockremap';

const rangeSize = 65_536;

/** Makes the user with its ranges, as far as they are not there. Throws USERNS_REMAP_INVALID. */
export async function makeRemapUser(etc: string): Promise<void> {
  if (!(await findAccount(etc, 'passwd', remapUser))) await addUser();
  const files = [`${etc}/subuid`, `${etc}/subgid`] as const;
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  // The same numbers in both, so that an owner's two IDs can be told at a glance.
  const first = freeId(texts.flatMap(parseSubordinateIds));
  for (const [at, file] of files.entries()) await addRange(file, texts[at] ?? '', first);
}

async function addUser(): Promise<void> {
  try {
    await addWith([
      'useradd',
      '--system',
      '--user-group',
      '--no-create-home',
      '--shell',
      '/bin/false',
      remapUser,
    ]);
  } catch (error) {
    const hint = `make it by hand: useradd --system --user-group ${remapUser}`;
    throw remapInvalid('default', `the user "${remapUser}" cannot be made: ${errorMessage(error)}`, hint);
  }
}

/** Alpine has busybox's programs. */
async function addWith(argv: readonly string[]): Promise<void> {
  try {
    await runOrThrow(argv, { timeoutMs: 60_000 });
  } catch (error) {
    try {
      await runOrThrow(['addgroup', '-S', remapUser], { timeoutMs: 60_000 });
      await runOrThrow(['adduser', '-S', '-D', '-H', '-s', '/bin/false', '-G', remapUser, remapUser], {
        timeoutMs: 60_000,
      });
    } catch {
      throw error;
    }
  }
}

/** Not through usermod, which not every distribution has. */
async function addRange(file: string, text: string, first: number): Promise<void> {
  if (parseSubordinateIds(text).some(({ owner }) => owner === remapUser)) return;
  const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  await writeFileAtomically(file, `${before}${remapUser}:${first}:${rangeSize}\n`, 0o644);
}
