import { readdirSync, writeFileSync } from 'node:fs';
import { JsonStore } from '../../../../src/agent/state/json-store.js';
import { silentLogger } from '../../../../src/shared/logger.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';

const decode = (value: unknown) => {
  if (typeof value !== 'number') throw new TypeError('not a number');
  return value;
};

describe('JsonStore', () => {
  test('gives back what was put, lists and deletes it', async () => {
    await using dir = await temporaryDirectory();
    const store = new JsonStore({ directory: `${dir.path}/records`, decode });

    expect(await store.list()).toEqual(new Map());
    await store.put('a', 1);
    await store.put('a', 2);
    await store.put('b', 3);
    expect(await store.get('a')).toBe(2);
    expect(await store.get('c')).toBeUndefined();
    await store.delete('a');
    await store.delete('a');

    expect(await store.list()).toEqual(new Map([['b', 3]]));
  });

  test('reports a damaged record, keeps it and serves the others', async () => {
    await using dir = await temporaryDirectory();
    const reported: unknown[] = [];
    const logger = { ...silentLogger, error: (_: string, fields?: object) => reported.push(fields) };
    const store = new JsonStore({ directory: dir.path, decode, logger });
    await store.put('good', 1);
    writeFileSync(`${dir.path}/cut.json`, '{"a');
    writeFileSync(`${dir.path}/other.json`, '"text"');
    writeFileSync(`${dir.path}/good.json.123.tmp`, '');

    expect(await store.list()).toEqual(new Map([['good', 1]]));

    expect(reported).toHaveLength(2);
    expect(readdirSync(dir.path).sort()).toEqual(['cut.json', 'good.json', 'other.json']);
  });

  test('refuses a key that would be another path', async () => {
    await using dir = await temporaryDirectory();
    const store = new JsonStore({ directory: dir.path, decode });

    await expect(store.put('../x', 1)).rejects.toThrow('is no record key');
  });
});
