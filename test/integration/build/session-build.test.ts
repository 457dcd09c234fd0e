import { link, mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { EngineClient } from '../../../src/api/client/engine-client.js';
import { pushImage, tagImage } from '../../../src/api/client/images.js';
import { openLocalCaches } from '../../../src/build/cache/local-caches.js';
import { openSources } from '../../../src/build/solve/build-sources.js';
import { buildWithSession, type SessionBuild } from '../../../src/build/solve/build-with-session.js';
import { connectBuildKit } from '../../../src/build/solve/connect.js';
import { namedContexts } from '../../../src/build/solve/named-contexts.js';
import type { StatusUpdate } from '../../../src/build/solve/solve.js';
import { encodeHeader } from '../../../src/cli/registry/credentials.js';
import { bcryptOfSecret } from '../../support/registry.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import { AgentLab } from '../agent/engine/support/agent-lab.js';
import { DockerEngine } from '../agent/engine/support/docker-engine.js';

let lab: AgentLab;
let theirs: DockerEngine;
let number = 0;
let registryServer: AsyncDisposable | undefined;
/** In the namespaces of the lab, where nobody else has this port. */
const registry = '127.0.0.1:5056';
const { signal } = new AbortController();

beforeAll(async () => {
  lab = await AgentLab.start();
  theirs = new DockerEngine(lab);
  await theirs.start();
  await theirs.docker('load', '-i', await buildTinyImage(lab.directory));
  registryServer = await serveRegistry();
}, 120_000);
afterAll(async () => {
  await registryServer?.[Symbol.asyncDispose]();
  await theirs[Symbol.asyncDispose]();
  await lab[Symbol.asyncDispose]();
});

async function contextOf(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = join(lab.directory, `session-context-${number++}`);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), content);
  }
  return directory;
}

/** Alice's, whose password is "secret". */
async function serveRegistry(): Promise<AsyncDisposable> {
  const users = join(await contextOf({ htpasswd: `alice:${bcryptOfSecret}\n` }), 'htpasswd');
  const directory = await contextOf({
    'config.yml': [
      ...['version: 0.1', 'log: {level: error}', `http: {addr: "${registry}"}`],
      `storage: {filesystem: {rootdirectory: ${lab.directory}/registry}}`,
      `auth: {htpasswd: {realm: test, path: ${users}}}`,
    ].join('\n'),
  });
  const isUp = ['curl', '-s', `http://${registry}/v2/`];
  return await lab.serving(['docker-registry', 'serve', join(directory, 'config.yml')], isUp);
}

interface Built {
  readonly result: ReadonlyMap<string, string>;
  readonly sent: number;
  readonly updates: readonly StatusUpdate[];
  /** What commands have said. */
  readonly output: string;
}

describe.each([
  ['the agent', () => lab.socket],
  ['Docker Engine 20.10', () => theirs.socket],
])('a build with %s', (_, socket) => {
  async function build(
    place: string,
    options: Partial<SessionBuild> = {},
    until: { readonly signal?: AbortSignal; readonly watch?: (update: StatusUpdate) => unknown } = {},
  ): Promise<Built> {
    using client = new EngineClient({ socketPath: socket() });
    using buildKit = await connectBuildKit(client, signal);
    if (!buildKit) throw new Error('there is no BuildKit');
    await using sources = await openSources({ place, stdin: Readable.from([]) }, signal);
    const updates: StatusUpdate[] = [];
    let sent = 0;
    const result = await buildWithSession(
      { client, buildKit },
      {
        ...{ sources, attributes: {}, contexts: await namedContexts({}), exports: [], cacheFrom: [] },
        ...{ cacheTo: [], entitlements: [], secrets: new Map(), sshAgents: new Map(), seed: 'seed' },
        localCaches: await openLocalCaches([], []),
        login: async () => undefined,
        ...options,
      },
      {
        status: (update) => {
          updates.push(update);
          until.watch?.(update);
        },
        sent: (bytes) => {
          sent += bytes;
        },
      },
      until.signal ?? signal,
    );
    const logs = updates.flatMap((update) => update.logs);
    return { result, sent, updates, output: Buffer.concat(logs.map(({ msg }) => msg)).toString() };
  }

  test('sends what the Dockerfile and .dockerignore ask for, and the second time only what has changed', async () => {
    const place = await contextOf({
      Dockerfile:
        'FROM busybox\nCOPY . /all\nRUN find /all -type f | sort; cat /all/dir/small; ls -l /all/link',
      '.dockerignore': 'hidden\n*.log\n!kept.log\n',
      ...{ hidden: 'h', 'a.log': 'l', 'kept.log': 'k', 'dir/small': 'one\n', big: 'x'.repeat(300_000) },
    });
    await symlink('big', join(place, 'link'));
    await link(join(place, 'big'), join(place, 'same'));
    const options = { exports: [{ type: 'moby', attributes: { name: 'docker.io/library/sent:1' } }] };

    const first = await build(place, options);
    expect(first.output).toMatch(
      /^\/all\/.dockerignore\n\/all\/Dockerfile\n\/all\/big\n\/all\/dir\/small\n\/all\/kept.log\n\/all\/same\none\n.* -> big\n$/,
    );
    expect(first.sent).toBeGreaterThan(300_000);
    expect(first.sent).toBeLessThan(400_000);

    await writeFile(join(place, 'dir/small'), 'two\n');
    await utimes(join(place, 'dir/small'), 1e9, 1e9);
    const second = await build(place, options);
    expect(second.output).toContain('\ntwo\n');
    expect(second.sent).toBeLessThan(1000);
    expect(second.result.get('containerimage.digest')).toMatch(/^sha256:/);
  });

  test('gives steps secrets and an ssh-agent', async () => {
    const place = await contextOf({
      Dockerfile:
        'FROM busybox\nRUN --mount=type=secret,id=s --mount=type=ssh cat /run/secrets/s && [ -S "$SSH_AUTH_SOCK" ] && echo reached',
    });
    const secrets = new Map([['s', async () => Buffer.from('sesame ')]]);
    const sshAgents = new Map([['default', async () => new PassThrough()]]);

    expect((await build(place, { secrets, sshAgents })).output).toBe('sesame reached\n');
    await expect(build(place, { secrets, attributes: { 'no-cache': '' } })).rejects.toThrow(
      /ssh|SSH_AUTH_SOCK|exit code/,
    );
  });

  test('logs in to the registry that an image comes from', async () => {
    using client = new EngineClient({ socketPath: socket() });
    const image = `${registry}/private/base-${number++}:1`;
    const [name = '', tag = ''] = image.split(/:(?=[^:]*$)/);
    await tagImage(client, 'busybox:latest', { repo: name, tag });
    const authorization = encodeHeader({ username: 'alice', password: 'secret' });
    for await (const _message of pushImage(client, { name, tag, authorization }, signal));
    await client.json({ method: 'DELETE', path: `/images/${image}`, signal });
    const place = await contextOf({ Dockerfile: `FROM ${image}\nRUN echo from there` });

    await expect(build(place)).rejects.toThrow(
      /no basic auth credentials|unauthorized|authorization failed|authentication required/i,
    );
    const asked: string[] = [];
    const login = async (host: string) => {
      asked.push(host);
      return { username: 'alice', secret: 'secret' };
    };
    expect((await build(place, { login })).output).toBe('from there\n');
    expect(new Set(asked)).toEqual(new Set([registry]));
  });

  test('says how a step has failed, and ends with the signal', async () => {
    const place = await contextOf({ Dockerfile: 'FROM busybox\nRUN echo begun; exit 3' });
    await expect(build(place)).rejects.toThrow(/exit code: 3$/);

    const slow = await contextOf({ Dockerfile: 'FROM busybox\nRUN echo begun; sleep 600' });
    const interrupt = new AbortController();
    const building = build(
      slow,
      {},
      {
        signal: interrupt.signal,
        watch: ({ logs }) => logs.length > 0 && interrupt.abort(new Error('enough')),
      },
    );
    await expect(building).rejects.toThrow('enough');
  });

  test('writes the result into a directory, over what is there', async () => {
    const place = await contextOf({
      Dockerfile: 'FROM scratch\nCOPY made /dir/made\nCOPY made /other',
      made: 'made here',
    });
    const path = join(lab.directory, `output-${number++}`);
    await mkdir(path);
    await writeFile(join(path, 'stays'), 's');

    await build(place, { exports: [{ type: 'local', attributes: {}, target: { kind: 'directory', path } }] });

    expect((await readdir(path, { recursive: true })).sort()).toEqual(['dir', 'dir/made', 'other', 'stays']);
    expect(await readFile(join(path, 'dir/made'), 'utf8')).toBe('made here');
  });
});
