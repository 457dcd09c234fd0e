/** `POST /build` of ten steps with a context of 100 MB, cold. */
import { buildContext } from '../build-context.mjs';
import { timed } from '../measure.mjs';

export default {
  name: 'build-cold',
  title: 'API: build of 10 steps, 100 MB context, cold',
  unit: 'ms',
  rounds: 3,
  async begin({ ours, theirs }) {
    return { ours: () => build(ours), theirs: () => build(theirs) };
  },
};

function build(engine) {
  return timed(async () => {
    const path = '/build?nocache=1';
    const answer = await engine.client.send('POST', path, {
      body: buildContext(),
      contentType: 'application/x-tar',
    });
    if (!answer.includes('Successfully built')) throw new Error(`the build failed: ${answer}`);
  });
}
