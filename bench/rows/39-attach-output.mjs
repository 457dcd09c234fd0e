/** What a container writes, to a client that is attached to it. */
import { createContainer, removeContainer } from '../containers.mjs';
import { timed } from '../measure.mjs';

const size = 200_000_000;

export default {
  name: 'attach-output',
  title: 'API: 200 MB of output over attach',
  unit: 'ms',
  rounds: 3,
  async begin({ ours, theirs }) {
    return { ours: () => attach(ours), theirs: () => attach(theirs) };
  },
};

async function attach(engine) {
  const command = ['head', '-c', String(size), '/dev/zero'];
  const id = await createContainer(engine, command, {
    AttachStdout: true,
    HostConfig: { LogConfig: { Type: 'none' } },
  });
  try {
    const output = engine.client.drain('POST', `/containers/${id}/attach?stdout=1&stream=1`);
    await new Promise((resolve) => setTimeout(resolve, 100)); // until it is attached
    return await timed(async () => {
      await engine.client.send('POST', `/containers/${id}/start`);
      const bytes = await output;
      if (bytes < size) throw new Error(`only ${bytes} bytes arrived`);
    });
  } finally {
    await removeContainer(engine, id);
  }
}
