/** `docker cp` of a large file out of a container. */
import { createContainer, removeContainer } from '../containers.mjs';
import { largeFile } from '../image.mjs';
import { timed } from '../measure.mjs';

const size = 200_000_000;

export default {
  name: 'copy-out',
  title: 'API: 200 MB copied out of a container',
  unit: 'ms',
  rounds: 3,
  async begin({ ours, theirs }) {
    const archive = largeFile('large', size);
    const own = await fill(ours, archive);
    const other = await fill(theirs, archive);
    return {
      ours: () => copy(ours, own),
      theirs: () => copy(theirs, other),
      end: () => Promise.all([removeContainer(ours, own), removeContainer(theirs, other)]),
    };
  },
};

async function fill(engine, archive) {
  const id = await createContainer(engine, ['true']);
  await engine.client.send('PUT', `/containers/${id}/archive?path=/`, {
    body: archive,
    contentType: 'application/x-tar',
  });
  return id;
}

function copy({ client }, id) {
  return timed(async () => {
    const bytes = await client.drain('GET', `/containers/${id}/archive?path=/large`);
    if (bytes < size) throw new Error(`only ${bytes} bytes arrived`);
  });
}
