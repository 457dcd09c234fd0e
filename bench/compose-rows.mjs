/** Rows about Compose projects of 20 services: `tsmachine compose` beside Docker Compose, both on our agent. */
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from './command.mjs';
import { timed } from './measure.mjs';

const services = 20;

/** @param measured 'up' or 'down': the other one is done in each round, too, without being measured */
export function composeRow(measured, words) {
  return {
    name: `compose-${measured}`,
    title: `\`compose ${words.join(' ')}\` of ${services} services, beside docker-compose on the same agent`,
    unit: 'ms',
    rounds: 5,
    enginesOnly: false,
    async begin({ ours, hosts }) {
      const directory = await makeProject();
      const own = project(directory, [...hosts.tsmachine, 'compose', '--machine', 'bench-ours'], hosts.env);
      const theirs = project(directory, [await dockerCompose()], ours.dockerEnv);
      return {
        ours: () => round(own, measured),
        theirs: () => round(theirs, measured),
        end: () => rm(directory, { recursive: true }),
      };
    },
  };
}

async function round(run, measured) {
  const up = await timed(() => run(['up', '-d']));
  const down = await timed(() => run(['down', '-t', '0']));
  return measured === 'up' ? up : down;
}

/** `--file` and `--progress` stand before the command with docker-compose, and may with us. */
function project(directory, program, env) {
  const options = ['--file', join(directory, 'compose.yaml'), '--progress', 'quiet'];
  return (words) => command([...program, ...options, ...words], { env });
}

async function makeProject() {
  const directory = await mkdtemp(join(tmpdir(), 'tsmachine-bench-compose-'));
  const names = Array.from({ length: services }, (_, index) => `s${index}`);
  const lines = names.map((name) => `  ${name}: { image: busybox, command: sleep 600 }\n`);
  await writeFile(join(directory, 'compose.yaml'), `name: bench\nservices:\n${lines.join('')}`);
  return directory;
}

/** The one that scripts/setup unpacks, else the plugin of a docker that is installed. */
async function dockerCompose() {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const places = [
    join(cache, 'tsmachine/buildkit-clients/cli-plugins/docker-compose'),
    '/usr/libexec/docker/cli-plugins/docker-compose',
    '/usr/local/libexec/docker/cli-plugins/docker-compose',
  ];
  for (const place of places) {
    const isThere = await access(place).then(
      () => true,
      () => false,
    );
    if (isThere) return place;
  }
  throw new Error('there is no docker-compose 2: run scripts/setup test');
}
