/** What one more process in a container writes. */
import { removeContainer, startSleeper } from '../containers.mjs';
import { timed } from '../measure.mjs';

const size = 200_000_000;

export default {
  name: 'exec-output',
  title: 'API: 200 MB of output of an exec',
  unit: 'ms',
  rounds: 3,
  async begin({ ours, theirs }) {
    const [own, other] = await Promise.all([startSleeper(ours), startSleeper(theirs)]);
    return {
      ours: () => execute(ours, own),
      theirs: () => execute(theirs, other),
      end: () => Promise.all([removeContainer(ours, own), removeContainer(theirs, other)]),
    };
  },
};

async function execute({ client }, container) {
  const command = { Cmd: ['head', '-c', String(size), '/dev/zero'], AttachStdout: true };
  const { Id } = await client.json('POST', `/containers/${container}/exec`, command);
  return timed(async () => {
    const body = Buffer.from(JSON.stringify({ Detach: false, Tty: false }));
    const bytes = await client.drain('POST', `/exec/${Id}/start`, { body });
    if (bytes < size) throw new Error(`only ${bytes} bytes arrived`);
  });
}
