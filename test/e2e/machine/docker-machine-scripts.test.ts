import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { run } from '../../../src/shared/spawn.js';
import { type BareHost, ensureDebianTree, startBareHost } from '../../support/bare-host.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import { createTestStore, dockerClients } from '../../support/tsmachine.js';

// Scripts that were written for docker-machine: nothing is changed but the program's name.
const resources = new AsyncDisposableStack();
let host: BareHost;
let image: string;

beforeAll(async () => {
  host = resources.use(await startBareHost({ base: await ensureDebianTree() }));
  const directory = resources.use(await temporaryDirectory());
  image = await buildTinyImage(directory.path);
}, 600_000);
afterAll(() => resources[Symbol.asyncDispose](), 120_000);

const prelude = `
shopt -s expand_aliases
alias docker-machine="$TSMACHINE"
cd "$WORK"
trap 'kill $(jobs -p) 2>/dev/null' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }
check() { [ "$2" = "$3" ] || fail "$1: expected <$3>, got <$2>"; }
`;

test.each(['documentation', 'ci-runner', 'none'])(
  '%s.sh runs to its end',
  async (name) => {
    await using store = await createTestStore();
    const [client] = await dockerClients();
    const script = await readFile(join(import.meta.dirname, 'docker-machine', `${name}.sh`), 'utf8');
    const env = {
      ...store.env,
      PATH: `${resolve(client?.path ?? '', '..')}:${store.env['PATH']}`,
      TSMACHINE: `${process.execPath} ${resolve('bin/tsmachine.cjs')}`,
      WORK: store.path,
      HOME: store.path,
      IMAGE: image,
      HOST: host.address,
      KEY: host.keyFile,
      PORT: '18099',
    };
    const argv = ['bash', '-c', `${prelude}${script}\necho all is well`];

    const { code, stdout, stderr } = await run(argv, { env, timeoutMs: 200_000 });

    expect({ code, failed: stderr.split('\n').filter((line) => line.startsWith('FAILED')), stderr }).toEqual({
      code: 0,
      failed: [],
      stderr: expect.any(String),
    });
    expect(stdout.trim().split('\n').at(-1)).toBe('all is well');
  },
  220_000,
);
