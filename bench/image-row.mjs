/**
 * Rows of the ways that images take. Each engine has a registry of its own beside it on its host's loopback, which both
 * take without TLS; what an operation needs is made ready before it is timed.
 */
import { largeImage, largeImageArchive, loadArchive, removeImage } from './large-image.mjs';
import { timed } from './measure.mjs';

/** @param measure 'time' or 'memory', the most that the engine's processes have held while it worked */
export function imageRow({ name, title, operation, measure = 'time', rounds = 3 }) {
  const { ready, work } = operations[operation];
  return {
    ...{ name, title, rounds },
    unit: measure === 'time' ? 'ms' : 'MB',
    async begin({ ours, theirs }) {
      const archive = await largeImageArchive();
      for (const engine of [ours, theirs]) await startRegistry(engine);
      const sample = async (engine) => {
        await ready(engine, archive);
        if (measure === 'time') return await timed(() => work(engine, archive));
        return (await engine.peakMemory(() => work(engine, archive))) / 1e6;
      };
      return {
        ours: () => sample(ours),
        theirs: () => sample(theirs),
        async end() {
          for (const engine of [ours, theirs]) {
            await removeImage(engine, largeImage);
            await engine.shell(stopRegistry);
          }
        },
      };
    },
  };
}

const [repository, tag] = [largeImage.replace(/:1$/, ''), '1'];

const operations = {
  load: {
    ready: (engine) => removeImage(engine, largeImage),
    work: loadArchive,
  },
  save: {
    ready: loadArchive,
    work: (engine) => engine.client.drain('GET', `/images/get?names=${largeImage}`),
  },
  push: {
    async ready(engine, archive) {
      await loadArchive(engine, archive);
      await engine.shell(`${stopRegistry}\n${startScript}`);
    },
    work: push,
  },
  'pull-cold': {
    async ready(engine, archive) {
      await seed(engine, archive);
      await removeImage(engine, largeImage);
    },
    work: pull,
  },
  'pull-warm': {
    async ready(engine, archive) {
      await seed(engine, archive);
      await pull(engine);
    },
    work: pull,
  },
};

/** The image is in the registry. */
async function seed(engine, archive) {
  const found = await engine.shell(
    `curl -so /dev/null -w '%{http_code}' http://127.0.0.1:5000/v2/bench/large/manifests/1`,
  );
  if (found.trim() === '200') return;
  await loadArchive(engine, archive);
  await push(engine);
}

function push(engine) {
  return messages(engine, `/images/${repository}/push?tag=${tag}`);
}

function pull(engine) {
  return messages(engine, `/images/create?fromImage=${repository}&tag=${tag}`);
}

async function messages(engine, path) {
  const headers = { 'x-registry-auth': Buffer.from('{}').toString('base64') };
  const answer = String(await engine.client.send('POST', path, { headers }));
  if (answer.includes('errorDetail')) throw new Error(`${path}: ${answer.slice(-300)}`);
}

const directory = '/var/lib/tsmachine/bench-registry';

const startScript = `mkdir -p ${directory}
cat >${directory}/config.yml <<'END'
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: ${directory}/data}}
http: {addr: "127.0.0.1:5000"}
END
setsid docker-registry serve ${directory}/config.yml </dev/null >/dev/null 2>&1 &
echo $! >${directory}/pid
until curl -sf http://127.0.0.1:5000/v2/ >/dev/null; do sleep 0.05; done`;

const stopRegistry = `[ ! -e ${directory}/pid ] || kill "$(cat ${directory}/pid)" || true
while curl -s http://127.0.0.1:5000/v2/ >/dev/null; do sleep 0.05; done
rm -rf ${directory}`;

async function startRegistry(engine) {
  await engine.shell(`${stopRegistry}\n${startScript}`);
}
