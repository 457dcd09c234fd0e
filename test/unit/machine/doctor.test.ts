import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hostFindings, parseHostReport } from '../../../src/machine/doctor/host-facts.js';
import { expiry } from '../../../src/machine/doctor/local-checks.js';
import { Workshop } from '../../fakes/workshop.js';

const now = Date.parse('2026-01-01T00:00:00Z');
const healthy = {
  kernel: '6.1.0-13-amd64',
  cgroups: 'cgroup2fs',
  programs: new Set(['crun', 'conmon', 'ip', 'nft']),
  freeBytes: 2 ** 35,
  clock: now / 1000,
};

const found = (changes: Partial<typeof healthy>, check: string) =>
  hostFindings('web', { ...healthy, ...changes }, now).find((finding) => finding.check === check);

test('parseHostReport() reads what the script says', () => {
  const text = 'kernel=6.1.0\ncgroups=tmpfs\nprogram=crun\nprogram=nft\nfree_kb=2048\nclock=1700000000\n';

  expect(parseHostReport(text)).toEqual({
    kernel: '6.1.0',
    cgroups: 'tmpfs',
    programs: new Set(['crun', 'nft']),
    freeBytes: 2 ** 21,
    clock: 1_700_000_000,
  });
});

test('a healthy host has nothing to be said of', () => {
  expect(hostFindings('web', healthy, now).map(({ state }) => state)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
});

test.each([
  [{ kernel: '5.4.0' }, 'kernel', 'warning', /older than 5.6/],
  [{ kernel: '4.19.0' }, 'kernel', 'warning', /older/],
  [{ programs: new Set(['runc', 'ip']) }, 'programs', 'failure', /^missing: conmon, nft$/],
  [{ freeBytes: 2 ** 30 }, 'free space', 'warning', /1.0 GiB/],
  [{ freeBytes: 2 ** 20 }, 'free space', 'failure', /0.0 GiB/],
  [{ clock: now / 1000 - 300 }, 'clock', 'warning', /300 s behind/],
])('%j: %s is a %s', (changes, check, state, detail) => {
  expect(found(changes, check)).toMatchObject({
    state,
    detail: expect.stringMatching(detail),
    hint: expect.anything(),
  });
});

test('expiry() warns for 30 days, and fails afterwards', () => {
  const day = 86_400_000;

  expect(expiry(now + 100 * day, now, 'x')).toEqual({ state: 'ok', detail: 'expires in 100 days' });
  expect(expiry(now + 5 * day, now, 'x')).toMatchObject({ state: 'warning', hint: 'run "tsmachine x"' });
  expect(expiry(now - 5 * day, now, 'x')).toMatchObject({ state: 'failure', detail: 'expired 5 days ago' });
});

describe('diagnose()', () => {
  test('finds keys that others may read, and records that nobody can', async () => {
    await using shop = await Workshop.open();
    await shop.create('web');
    await chmod(join(shop.storage, 'certs', 'key.pem'), 0o644);
    await writeFile(join(shop.storage, 'machines', 'web', 'config.json'), '{');
    await writeFile(join(shop.storage, 'machines', 'web', 'config.json.bak'), '{');

    const findings = await shop.machines.diagnose([], shop.context);

    expect(findings).toContainEqual(
      expect.objectContaining({
        check: 'private keys',
        state: 'failure',
        hint: expect.stringContaining('chmod'),
      }),
    );
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'records', state: 'failure', detail: expect.stringContaining('web') }),
    );
  });

  test('says of a host that is off how to start it, and of one that cannot be asked why', async () => {
    await using shop = await Workshop.open();
    await shop.create('web');
    await shop.machines.stop('web', shop.context);
    const off = await shop.machines.diagnose(['web'], shop.context);
    shop.driver.failures.set('inspect', () => new Error('the cloud is down'));
    const unknown = await shop.machines.diagnose(['web', 'nobody'], shop.context);

    expect(off).toContainEqual({
      subject: 'web',
      check: 'host',
      state: 'failure',
      detail: 'stopped',
      hint: 'run "tsmachine start web"',
    });
    expect(unknown).toContainEqual(expect.objectContaining({ check: 'host', detail: 'the cloud is down' }));
    expect(unknown).toContainEqual(expect.objectContaining({ subject: 'nobody', state: 'failure' }));
  });
});
