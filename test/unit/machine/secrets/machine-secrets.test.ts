import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SecretReader } from '../../../../src/drivers/driver.js';
import type { DriverOptions } from '../../../../src/drivers/options.js';
import { MachineService } from '../../../../src/machine/machine-service.js';
import { fakeCatalog } from '../../../fakes/fake-driver.js';
import { createRequest, Workshop } from '../../../fakes/workshop.js';

const options = {
  'secret-key': {
    type: 'string',
    description: 'a key',
    secret: true,
    env: ['FAKE_SECRET_KEY'],
    aliases: ['old-secret-key'],
  },
  token: { type: 'string', description: 'a token', secret: true },
} as const satisfies DriverOptions;

let shop: Workshop;
let machines: MachineService;
/** What the driver saw at each step. */
let seen: Record<string, string | undefined>;
beforeEach(async () => {
  shop = await Workshop.open();
  seen = {};
  machines = new MachineService({ ...shop.deps, drivers: async () => fakeCatalog(watched(), options) });
});
afterEach(() => shop[Symbol.asyncDispose]());

const create = (name: string) =>
  machines.create({ ...createRequest(name), secrets: { 'secret-key': 'hunter2' } }, shop.context);

test('the driver reads a secret in each of its steps, and no record has it', async () => {
  await create('web');
  await machines.stop('web', shop.context);
  await machines.start('web', shop.context);

  expect(seen).toMatchObject({
    preCreateCheck: 'hunter2',
    create: 'hunter2',
    inspect: 'hunter2',
    stop: 'hunter2',
  });
  for (const file of ['config.json', 'config.json.bak']) {
    const text = await readFile(join(shop.storage, 'machines/web', file), 'utf8');
    expect(text).not.toContain('hunter2');
    expect(text).toContain('file:tsmachine-');
  }
});

test('inspect shows a reference only', async () => {
  const { ownerTag } = await create('web');

  const shown = await machines.inspect('web');

  expect(shown).toMatchObject({ Record: { secrets: { 'secret-key': `file:${ownerTag}/secret-key` } } });
  expect(JSON.stringify(shown)).not.toContain('hunter2');
});

test('what the environment gives is read at each use and not kept', async () => {
  shop.environment['FAKE_SECRET_KEY'] = 'from outside';
  await machines.create(createRequest('web'), shop.context);
  expect(seen['create']).toBe('from outside');
  shop.environment['FAKE_SECRET_KEY'] = 'another';
  await machines.stop('web', shop.context);

  expect(seen['stop']).toBe('another');
  expect((await shop.store.load('web')).secrets).toBeUndefined();
});

test('setSecret() gives the next step another value, by the option, its flag or an alias', async () => {
  await create('web');
  for (const name of ['secret-key', 'fake-secret-key', '--old-secret-key']) {
    await machines.setSecret('web', name, `new by ${name}`, shop.context);
    await machines.stop('web', shop.context);
    await machines.start('web', shop.context);
    expect(seen['start']).toBe(`new by ${name}`);
  }
  await machines.setSecret('web', 'token', 'more', shop.context);
  expect(Object.keys((await shop.store.load('web')).secrets ?? {})).toEqual(['secret-key', 'token']);

  await machines.setSecret('web', 'secret-key', undefined, shop.context);
  await machines.stop('web', shop.context);
  expect(seen['stop']).toBeUndefined();
});

test('setSecret() refuses what is no secret of the driver', async () => {
  await create('web');

  await expect(machines.setSecret('web', 'size', 'x', shop.context)).rejects.toMatchObject({
    code: 'NO_SUCH_SECRET',
    hints: ['use one of secret-key, token'],
  });
});

test('secrets go with the machine, and stay with a renamed one', async () => {
  await create('web');
  await machines.rename('web', 'shop', shop.context);
  await machines.stop('shop', shop.context);
  expect(seen['stop']).toBe('hunter2');

  await machines.remove('shop', { force: false }, shop.context);

  expect(seen['remove']).toBe('hunter2');
  expect(await kept()).toEqual([]);
});

test('a creation that made nothing leaves no secret', async () => {
  shop.driver.failures.set('create', () => new Error('quota'));

  await expect(create('web')).rejects.toThrow('quota');

  expect(await kept()).toEqual([]);
});

test('a creation that is resumed has its secrets', async () => {
  shop.driver.failures.set('created', () => new Error('gone'));
  await expect(create('web')).rejects.toThrow('gone');
  shop.driver.failures.clear();
  seen = {};

  await machines.resumeCreation('web', shop.context);

  expect(seen).toMatchObject({ findOwned: 'hunter2', create: 'hunter2' });
});

test('gc searches with the secrets of the machine whose place it is', async () => {
  await create('web');
  seen = {};

  await machines.findGarbage({ scopes: [], only: false }, shop.context);

  expect(seen['findOwned']).toBe('hunter2');
});

async function kept(): Promise<readonly string[]> {
  const { FileSecretStore } = await import('../../../../src/secrets/file-secret-store.js');
  const store = new FileSecretStore({
    directory: join(shop.storage, 'secrets'),
    passphrase: async () => undefined,
  });
  return store.list();
}

/** The fake driver, noting which secret it is given with each call. */
function watched(): Workshop['driver'] {
  return new Proxy(shop.driver, {
    get(target, step: keyof Workshop['driver']) {
      const method: unknown = target[step];
      if (typeof method !== 'function') return method;
      return (...args: readonly unknown[]) => {
        const context = args.at(-1);
        if (!hasSecrets(context)) return Reflect.apply(method, target, args);
        return context.secrets.get('secret-key').then((secret) => {
          seen[step] = secret;
          return Reflect.apply(method, target, args);
        });
      };
    },
  });
}

function hasSecrets(value: unknown): value is { readonly secrets: SecretReader } {
  return typeof value === 'object' && value !== null && 'secrets' in value;
}
