import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { checkPassable, resolveRemap } from '../../../../src/agent/userns/remap-setting.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';

const passwd = `root:x:0:0:root:/root:/bin/sh
tsm-user:x:61001:61002::/:/bin/false
tsm-bare:x:61005:61006::/:/bin/false
dockremap:x:61010:61010::/:/bin/false
`;
const group = 'root:x:0:\ntsm-user:x:61002:\ntsm-others:x:61003:\ndockremap:x:61010:\n';
const subuid = 'tsm-user:200000:65536\n61005:600000:10\n';
const subgid = 'tsm-user:300000:65536\ntsm-others:400000:65536\ntsm-bare:700000:10\n';

async function etcWith(files: Readonly<Record<string, string>> = {}) {
  const etc = await temporaryDirectory();
  for (const [name, text] of Object.entries({ passwd, group, subuid, subgid, ...files })) {
    await writeFile(`${etc.path}/${name}`, text);
  }
  return etc;
}

const range = (host: number, size = 65_536) => [{ container: 0, host, size }];

test.each([
  ['tsm-user', range(200_000), range(300_000)],
  ['61001', range(200_000), range(300_000)],
  ['tsm-user:tsm-others', range(200_000), range(400_000)],
  ['61001:61003', range(200_000), range(400_000)],
  ['tsm-bare', range(600_000, 10), range(700_000, 10)],
])('userns-remap "%s" names ranges', async (setting, uids, gids) => {
  await using etc = await etcWith();
  expect(await resolveRemap(setting, etc.path)).toEqual({ uids, gids });
});

test('"default" takes ranges behind those of others where dockremap has none, and keeps its own', async () => {
  await using etc = await etcWith();
  const first = await resolveRemap('default', etc.path);

  expect(first).toEqual({ uids: range(700_010), gids: range(700_010) });
  expect(await readFile(`${etc.path}/subuid`, 'utf8')).toBe(`${subuid}dockremap:700010:65536\n`);
  expect(await readFile(`${etc.path}/subgid`, 'utf8')).toBe(`${subgid}dockremap:700010:65536\n`);
  expect(await resolveRemap('default', etc.path)).toEqual(first);
});

test.each([
  ['tsm-nobody', 'there is no user "tsm-nobody"', 'useradd --system tsm-nobody'],
  ['tsm-user:tsm-nobody', 'there is no group "tsm-nobody"', 'groupadd --system tsm-nobody'],
  ['root', 'root cannot be remapped to root', 'name a user without rights'],
  ['0:0', 'root cannot be remapped to root', 'name a user without rights'],
  ['a:b:c', 'it is neither "default" nor USER nor USER:GROUP', undefined],
  ['tsm-user:', 'it is neither "default" nor USER nor USER:GROUP', undefined],
  ['dockremap', 'subuid has no range of IDs for "dockremap"', 'dockremap:165536:65536'],
])('userns-remap "%s" is refused with what to do', async (setting, reason, hint) => {
  await using etc = await etcWith();
  const refused = await resolveRemap(setting, etc.path).catch((error: unknown) => error);

  expect(refused).toMatchObject({ code: 'USERNS_REMAP_INVALID', message: expect.stringContaining(reason) });
  expect(refused).toMatchObject({ hints: hint === undefined ? [] : [expect.stringContaining(hint)] });
});

test('a directory that others cannot pass is named, with what to do', async () => {
  await using dir = await temporaryDirectory();
  const data = `${dir.path}/data`;
  await mkdir(data, { mode: 0o711 });
  await expect(checkPassable(data, 'default')).rejects.toMatchObject({
    message: expect.stringContaining(`cannot pass "${dir.path}" on its way to "${data}"`),
    hints: [`allow it: chmod o+x ${dir.path}`],
  });

  await chmod(dir.path, 0o711);
  await expect(checkPassable(data, 'default')).resolves.toBeUndefined();
});
