import { readFile } from 'node:fs/promises';
import { settleAll } from '../../../src/shared/settle-all.js';
import { run } from '../../../src/shared/spawn.js';
import { newestDockerClient } from '../../support/tsmachine.js';

// Docker's own help says what there is; what is not here must stand below, with its reason.
const notHere: Readonly<Record<string, string>> = {
  'container run --use-api-socket': 'experimental',
  'container create --use-api-socket': 'experimental',
  'run --use-api-socket': 'experimental',
  'image ls --tree': 'experimental, and needs a store with several platforms for one image',
  'images --tree': 'as image ls --tree',
  'login --password': 'a secret among the arguments, where everybody sees it: --password-stdin',
};

/** Shortcuts whose words mean a machine here, as in docker-machine; their long form is a container's. */
const machineWords = 'create export import inspect kill rename restart rm start stop version wait'.split(' ');
const otherTopics =
  'builder checkpoint config container context image manifest network node plugin secret service stack swarm system trust volume'.split(
    ' ',
  );
const topics = ['container', 'image', 'volume', 'network', 'system', 'builder', 'context'];

interface Manifest {
  readonly commands: Readonly<
    Record<
      string,
      { readonly flags: Readonly<Record<string, { char?: string; aliases?: readonly string[] }>> }
    >
  >;
}

let manifest: Manifest;
let help: (...words: readonly string[]) => Promise<string>;

beforeAll(async () => {
  manifest = JSON.parse(await readFile('oclif.manifest.json', 'utf8'));
  const client = await newestDockerClient();
  const env = { ...process.env, DOCKER_BUILDKIT: '0', DOCKER_HOST: 'unix:///nowhere' };
  help = async (...words) => (await run([client, ...words, '--help'], { env })).stdout;
});

test('there is a command for each of docker’s', async () => {
  const missing = await Promise.all(
    topics.map(async (topic) =>
      commandsIn(await help(topic))
        .filter((command) => !manifest.commands[`${topic}:${command}`])
        .map((command) => `${topic} ${command}`),
    ),
  );
  const shortcuts = commandsIn(await help()).filter(
    (word) => !manifest.commands[word] && !otherTopics.includes(word) && !accounts.includes(word),
  );

  expect(missing.flat()).toEqual([]);
  expect(shortcuts).toEqual([]);
  expect(machineWords.filter((word) => !manifest.commands[word])).toEqual([]);
});

/** Of registries. */
const accounts = ['login', 'logout', 'search'];

test('every flag of docker’s is a flag here, with the same letter', async () => {
  const known = commandsIn(await help()).filter((word) => manifest.commands[word]);
  const shortcuts = known.filter((word) => !machineWords.includes(word) || word === 'version');
  const ids = new Set([
    ...Object.keys(manifest.commands).filter((id) => topics.includes(id.split(':')[0] ?? '')),
    ...shortcuts,
    ...accounts,
  ]);
  const results = await settleAll([...ids], 8, async (id) => {
    const words = id.split(':');
    return flagsIn(await help(...words)).map(({ name, char }) => ({
      flag: `${words.join(' ')} --${name}`,
      isHere: hasFlag(id, name, char),
    }));
  });
  const flags = results.flatMap((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });

  expect(flags.filter(({ flag, isHere }) => !isHere && !(flag in notHere))).toEqual([]);
  expect(flags.filter(({ flag, isHere }) => isHere && flag in notHere)).toEqual([]);
});

function commandsIn(text: string): readonly string[] {
  const from = text.search(/^(Common |Management |Swarm )?Commands:$/m);
  if (from < 0) return [];
  const until = text.indexOf('Global Options:');
  return [...text.slice(from, until < 0 ? undefined : until).matchAll(/^ {2}([a-z]+)/gm)].map(
    ([, name = '']) => name,
  );
}

function flagsIn(text: string): readonly { readonly name: string; readonly char: string | undefined }[] {
  return [...text.matchAll(/^ +(?:-(\w), )?--([a-z0-9-]+)(?= |$)/gm)]
    .map(([, char, name = '']) => ({ char, name }))
    .filter(({ name }) => name !== 'help');
}

function hasFlag(id: string, name: string, char: string | undefined): boolean {
  const flags = manifest.commands[id]?.flags ?? {};
  const found = flags[name] ?? Object.values(flags).find(({ aliases }) => aliases?.includes(name));
  return found !== undefined && (char === undefined || found.char === char);
}
