import { link, mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { EngineClient } from '../../../src/api/client/engine-client.js';
import { openSources } from '../../../src/build/solve/build-sources.js';
import { buildWithSession, type SessionBuild } from '../../../src/build/solve/build-with-session.js';
import { connectBuildKit } from '../../../src/build/solve/connect.js';
import { namedContexts } from '../../../src/build/solve/named-contexts.js';
import type { StatusUpdate } from '../../../src/build/solve/solve.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import { AgentLab } from '../agent/engine/support/agent-lab.js';
import { DockerEngine } from '../agent/engine/support/docker-engine.js';

let lab: AgentLab;
let theirs: DockerEngine;
let number = 0;
const { signal } = new AbortController();

beforeAll(async () => {
  lab = await AgentLab.start();
  theirs = new DockerEngine(lab);
  await theirs.start();
  await theirs.docker('load', '-i', await buildTinyImage(lab.directory));
}, 90_000);
afterAll(async () => {
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
  async function build(place: string, options: Partial<SessionBuild> = {}): Promise<Built> {
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
        login: async () => undefined,
        ...options,
      },
      {
        status: (update) => updates.push(update),
        sent: (bytes) => {
          sent += bytes;
        },
      },
      signal,
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

  test('writes the result into a directory, and as an archive', async () => {
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
