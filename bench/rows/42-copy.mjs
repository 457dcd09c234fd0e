/** `docker cp` of a large file into a container. */
import { createContainer, removeContainer } from '../containers.mjs';
import { largeFile } from '../image.mjs';
import { timed } from '../measure.mjs';

const size = 200_000_000;

export default {
  name: 'copy-in',
  title: 'API: 200 MB copied into a container',
  unit: 'ms',
  rounds: 3,
  async begin({ ours, theirs }) {
    const archive = largeFile('large', size);
    return { ours: () => copy(ours, archive), theirs: () => copy(theirs, archive) };
  },
};

async function copy(engine, archive) {
  const id = await createContainer(engine, ['true']);
  try {
    return await timed(() =>
      engine.client.send('PUT', `/containers/${id}/archive?path=/`, {
        body: archive,
        contentType: 'application/x-tar',
      }),
    );
  } finally {
    await removeContainer(engine, id);
  }
}
