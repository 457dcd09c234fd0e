import { withImageDigests } from '../../../../src/cli/compose/image-digests.js';
import { load } from '../../compose/support/load.js';

const digest = `sha256:${'ab'.repeat(32)}`;

test('images are pinned to the digests that registries have', async () => {
  const { project } = await load(
    `services: {a: {image: alpine}, b: {image: "reg:5000/x:1"}, c: {image: "y@${digest}"}, d: {build: .}}`,
  );
  const asked: string[] = [];
  const pinned = await withImageDigests(project, async (image) => {
    asked.push(image);
    return 'sha256:cd';
  });
  expect(Object.values(pinned.services).map(({ image }) => image)).toEqual([
    'docker.io/library/alpine:latest@sha256:cd',
    'reg:5000/x:1@sha256:cd',
    `docker.io/library/y@${digest}`,
    undefined,
  ]);
  expect(asked).toEqual(['docker.io/library/alpine:latest', 'reg:5000/x:1']);
});
