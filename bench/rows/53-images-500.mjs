/** `docker images` with 500 images. */
import { command } from '../command.mjs';
import { manyImages, removeImage } from '../large-image.mjs';
import { timed } from '../measure.mjs';

const count = 500;

export default {
  name: 'images-500',
  title: 'docker images with 500 images',
  unit: 'ms',
  rounds: 10,
  async begin({ ours, theirs }) {
    const body = manyImages(count);
    for (const engine of [ours, theirs]) {
      await engine.client.send('POST', '/images/load?quiet=1', { body, contentType: 'application/x-tar' });
    }
    const list = (engine) => timed(() => command(['docker', 'images', '-q'], { env: engine.dockerEnv }));
    return {
      ours: () => list(ours),
      theirs: () => list(theirs),
      async end() {
        for (const engine of [ours, theirs]) {
          for (let n = 0; n < count; n++) await removeImage(engine, `many:${n}`);
        }
      },
    };
  },
};
