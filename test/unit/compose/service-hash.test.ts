import { isServiceHash, serviceHash } from '../../../src/compose/service-hash.js';
import { load } from './support/load.js';

async function service(attributes: string) {
  const { project } = await load(`services:\n  a: {image: a, ${attributes}}\n  b: {image: b}`);
  const found = project.services['a'];
  if (found === undefined) throw new Error('there is no service');
  return found;
}

// What docker compose 2.26.1 prints for them with "config --hash".
test.each([
  ['labels: {}', 'ead32641ace023dfb5148a9f4e8937d023a3b7fcc8af8f3e47f76229311a2be6'],
  ['environment: {A: 1, B: }', 'd1c3c34a752f71ea66cfed4eaa174b544988398392fca583be33e250bd6eb933'],
  ['ports: ["80:80"]', '11707453b25a2290dc1e6f7578c7d253a59c9f00d331bdcc5cde7e6d35ab02d2'],
  [
    'restart: always, cpus: 0.5, mem_limit: 50m',
    '5bd673f472bc1034f35b796995827064ef1a36570d1f852c1e6e1b2272a53e8a',
  ],
  ['command: "a $$B <x>"', '4dfa783de48161d4ab370835d92f2ae31bb4c1e8a5f6e7b7bc20a13ac64f2153'],
])('a service with %s has the hash of docker compose', async (attributes, hash) => {
  expect(serviceHash(await service(attributes))).toBe(hash);
});

test('how it is built, pulled and scaled makes no difference', async () => {
  const plain = serviceHash(await service('labels: {}'));
  expect(serviceHash(await service('build: ., pull_policy: always, scale: 3'))).toBe(plain);
});

test('the hash of a later docker compose, which knows no dependencies, is taken for the same', async () => {
  const depending = await service('depends_on: [b], profiles: []');
  const independent = await service('labels: {}');
  expect(serviceHash(depending)).not.toBe(serviceHash(independent));
  expect(isServiceHash(depending, serviceHash(depending))).toBe(true);
  expect(isServiceHash(depending, serviceHash(independent))).toBe(true);
  expect(isServiceHash(depending, serviceHash(await service('hostname: other')))).toBe(false);
});
