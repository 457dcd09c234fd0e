import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Account, findAccount } from './accounts.js';
import { remapInvalid } from './errors.js';
import type { IdMap, IdRange } from './id-map.js';
import { makeRemapUser, remapUser } from './remap-user.js';
import { idRanges, parseSubordinateIds } from './subordinate-ids.js';

/**
 * The map of dockerd's `userns-remap`: "default", or a user and, where that has another name, a group, each by name or
 * number ("user", "1000", "user:group", "1000:1000"); their ranges are in /etc/subuid and /etc/subgid. For "default" the
 * user "dockremap" and its ranges are made where they are not there. Throws USERNS_REMAP_INVALID.
 */
export async function resolveRemap(setting: string, etc = '/etc'): Promise<IdMap> {
  const [userKey = '', groupKey = '', ...more] = setting.split(':');
  if (userKey === '' || more.length > 0 || (setting.includes(':') && groupKey === '')) {
    throw remapInvalid(setting, 'it is neither "default" nor USER nor USER:GROUP');
  }
  if (setting === 'default') await makeRemapUser(etc);
  const user = await findUser(setting, etc, setting === 'default' ? remapUser : userKey);
  if (user.id === 0)
    throw remapInvalid(setting, 'root cannot be remapped to root', 'name a user without rights');
  const group = await findGroup(setting, etc, groupKey || user.name);
  return {
    uids: await rangesOf(setting, `${etc}/subuid`, user),
    gids: await rangesOf(setting, `${etc}/subgid`, group ?? user),
  };
}

async function findUser(setting: string, etc: string, key: string): Promise<Account> {
  const user = await findAccount(etc, 'passwd', key);
  if (user) return user;
  throw remapInvalid(setting, `there is no user "${key}"`, `make it: useradd --system ${key}`);
}

/** Undefined for a user without a group of the same name: the user's own ranges hold then, as with Docker. */
async function findGroup(setting: string, etc: string, key: string): Promise<Account | undefined> {
  const group = await findAccount(etc, 'group', key);
  if (group || !setting.includes(':')) return group;
  throw remapInvalid(setting, `there is no group "${key}"`, `make it: groupadd --system ${key}`);
}

async function rangesOf(setting: string, file: string, { name, id }: Account): Promise<readonly IdRange[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const ranges = idRanges(parseSubordinateIds(text), [name, String(id)]);
  if (ranges.length > 0) return ranges;
  const example = `${name}:165536:65536`;
  throw remapInvalid(
    setting,
    `${file} has no range of IDs for "${name}"`,
    `add a line to ${file}, of IDs that nobody else has: ${example}`,
  );
}

/**
 * A runtime looks a container's root up as that container's root: every directory on the way must let anybody pass.
 * Throws USERNS_REMAP_INVALID.
 */
export async function checkPassable(directory: string, setting: string): Promise<void> {
  for (let at = directory; ; at = dirname(at)) {
    const { mode } = await stat(at);
    if ((mode & 0o001) === 0) {
      const hint = `allow it: chmod o+x ${at}`;
      throw remapInvalid(
        setting,
        `root of a container cannot pass "${at}" on its way to "${directory}"`,
        hint,
      );
    }
    if (at === dirname(at)) return;
  }
}
