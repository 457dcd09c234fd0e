/** A running container onto another network and off again. */
import { rowOfBoth } from '../both-engines.mjs';
import { removeContainer, startSleeper } from '../containers.mjs';
import { timed } from '../measure.mjs';

export default rowOfBoth({
  name: 'network-connect',
  title: 'API: connect a running container to a network and disconnect it',
  unit: 'ms',
  rounds: 10,
  start,
});

async function start(engine) {
  const { client } = engine;
  const network = '/networks/bench-connect';
  await client.json('POST', '/networks/create', { Name: 'bench-connect', CheckDuplicate: true });
  const Container = await startSleeper(engine);
  return {
    sample: () =>
      timed(async () => {
        await client.json('POST', `${network}/connect`, { Container });
        await client.json('POST', `${network}/disconnect`, { Container });
      }),
    async end() {
      await removeContainer(engine, Container);
      await client.send('DELETE', network);
    },
  };
}
