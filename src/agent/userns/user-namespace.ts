import { once } from 'node:events';
import { constants, openSync, writeFileSync } from 'node:fs';
import { errorMessage } from '../../shared/errors.js';
import { exitOf, start } from '../kernel/spawn.js';
import { userNamespaceFailed } from './errors.js';
import { formatRanges, type IdMap } from './id-map.js';

const timeoutMs = 30_000;

/**
 * A descriptor of a user namespace with this map, in which no process is: the caller's to close. A process is made for
 * it, which has ended when this resolves. Throws USER_NAMESPACE_FAILED.
 */
export async function openUserNamespace(map: IdMap): Promise<number> {
  // It tells its pid once it is in the new namespace, and waits there until its input ends.
  const argv = ['unshare', '--user', 'sh', '-c', 'echo $$; read _'];
  const child = start(argv, { stdio: ['pipe', 'pipe', 'pipe'], signal: AbortSignal.timeout(timeoutMs) });
  const ended = exitOf(child, argv);
  ended.catch(() => {});
  child.stdin?.on('error', () => {});
  try {
    const pid = await pidOf(child, ended);
    writeFileSync(`/proc/${pid}/uid_map`, formatRanges(map.uids));
    writeFileSync(`/proc/${pid}/gid_map`, formatRanges(map.gids));
    return openSync(`/proc/${pid}/ns/user`, constants.O_RDONLY);
  } catch (error) {
    throw userNamespaceFailed(errorMessage(error), error);
  } finally {
    child.stdin?.end();
    await ended.catch(() => {});
  }
}

async function pidOf({ stdout, stderr }: ReturnType<typeof start>, ended: Promise<unknown>): Promise<number> {
  let words = '';
  stderr?.on('data', (chunk: Buffer) => {
    words += chunk.toString();
  });
  const failed = ended.then(() => {
    throw new Error(words.trim() || 'the process ended early');
  });
  failed.catch(() => {});
  const first = stdout ? once(stdout, 'data') : failed;
  const [line] = (await Promise.race([first, failed])) as [Buffer]; // 'data' of a stream without an encoding
  return Number.parseInt(line.toString(), 10);
}
