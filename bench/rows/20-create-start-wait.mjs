/** A container's whole life over the API, without the CLI's own time. Its removal is not timed. */
import { timed } from '../measure.mjs';

export default {
  name: 'create-start-wait',
  title: 'API: create, start, wait of `true`',
  unit: 'ms',
  rounds: 20,
  async begin({ ours, theirs }) {
    return { ours: () => live(ours), theirs: () => live(theirs) };
  },
};

async function live({ client, image }) {
  let id;
  const duration = await timed(async () => {
    id = (await client.json('POST', '/containers/create', { Image: image, Cmd: ['true'] })).Id;
    await client.send('POST', `/containers/${id}/start`);
    const { StatusCode } = await client.json('POST', `/containers/${id}/wait`);
    if (StatusCode !== 0) throw new Error(`"true" exited with ${StatusCode}`);
  });
  await client.send('DELETE', `/containers/${id}`);
  return duration;
}
