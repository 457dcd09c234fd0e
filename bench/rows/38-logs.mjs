/** Reading a large log. */
import { removeContainer, startContainer } from '../containers.mjs';
import { timed } from '../measure.mjs';

const lines = 500_000;
const script = `yes "$(head -c 99 /dev/zero | tr '\\0' x)" | head -n ${lines}`;

export default {
  name: 'logs',
  title: 'API: reading 50 MB of logs',
  unit: 'ms',
  rounds: 5,
  async begin({ ours, theirs }) {
    const own = await write(ours);
    const other = await write(theirs);
    return {
      ours: () => read(ours, own),
      theirs: () => read(theirs, other),
      end: () => Promise.all([removeContainer(ours, own), removeContainer(theirs, other)]),
    };
  },
};

async function write(engine) {
  const id = await startContainer(engine, ['sh', '-c', script]);
  await engine.client.json('POST', `/containers/${id}/wait`);
  return id;
}

function read({ client }, id) {
  return timed(async () => {
    const bytes = await client.drain('GET', `/containers/${id}/logs?stdout=1`);
    if (bytes < lines * 100) throw new Error(`the log has only ${bytes} bytes`);
  });
}
