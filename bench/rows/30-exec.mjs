/** One more process in a running container, until its output ends. */
import { removeContainer, startSleeper } from '../containers.mjs';
import { timed } from '../measure.mjs';

export default {
  name: 'exec',
  title: 'API: exec of `true`',
  unit: 'ms',
  rounds: 30,
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
  let id;
  const duration = await timed(async () => {
    const process = { Cmd: ['true'], AttachStdout: true, AttachStderr: true };
    id = (await client.json('POST', `/containers/${container}/exec`, process)).Id;
    await client.json('POST', `/exec/${id}/start`, { Detach: false, Tty: false });
  });
  const { ExitCode } = await client.json('GET', `/exec/${id}/json`);
  if (ExitCode !== 0) throw new Error(`"true" exited with ${ExitCode}`);
  return duration;
}
