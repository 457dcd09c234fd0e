import { execFileSync } from 'node:child_process';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { digestOf } from '../../../../src/shared/digest.js';
import { buildKitClients, makeDockerConfig } from '../../../support/buildkit-clients.js';
import { dockerArchive, layeredImage } from '../../../support/layered-image.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';
import { tinyImage } from '../../../support/tiny-image.js';
import { AgentLab } from './support/agent-lab.js';
import { processesNaming } from './support/processes.js';

const largeSize = 2 ** 34;

const formats = [
  ['gnu', ['--format=gnu']],
  ['pax-0.0', ['--format=pax', '--sparse-version=0.0']],
  ['pax-0.1', ['--format=pax', '--sparse-version=0.1']],
  ['pax-1.0', ['--format=pax', '--sparse-version=1.0']],
] as const;

/** A file of 16 GiB or so, all holes but for a few bytes at its beginning and in its middle. */
async function sparseArchive(name: string, options: readonly string[], size = largeSize): Promise<Buffer> {
  await using dir = await temporaryDirectory();
  const path = `${dir.path}/${name}`;
  writeFileSync(path, 'begin');
  truncateSync(path, size / 2);
  writeFileSync(path, 'middle', { flag: 'a' });
  truncateSync(path, size);
  return execFileSync('tar', ['-c', '--sparse', ...options, '-C', dir.path, name]);
}

/** Prints size, KiB on the disk and what is in the file at its beginning and in its middle. */
function look(path: string): string {
  const middle = `dd if=${path} bs=1048576 skip=${largeSize / 2 ** 21} count=1 2>/dev/null | head -c 6`;
  return `stat -c %s ${path}; du -k ${path} | cut -f1; head -c 5 ${path}; ${middle}`;
}

function expectSparse(output: string): void {
  const [bytes, kibibytes, content] = output.split('\n');
  expect(bytes).toBe(String(largeSize));
  expect(Number(kibibytes)).toBeLessThan(1024);
  expect(content).toBe('beginmiddle');
}

let first: AgentLab;
let second: AgentLab;

beforeAll(async () => {
  [first, second] = await Promise.all([AgentLab.start(), AgentLab.start()]);
});
afterAll(async () => {
  await Promise.all([first[Symbol.asyncDispose](), second[Symbol.asyncDispose]()]);
});

async function docker(lab: AgentLab, args: readonly string[], input?: Buffer): Promise<string> {
  const { code, stdout, stderr } = await lab.docker(args, input && { input });
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout;
}

const inContainer = (lab: AgentLab, image: string, script: string): Promise<string> =>
  docker(lab, ['run', '--rm', '--network', 'none', image, 'sh', '-c', script]);

/** A registry in the namespaces of a lab; several have the same storage. */
async function serveRegistry(lab: AgentLab, storage: string): Promise<AsyncDisposable> {
  const config = `${lab.directory}/registry.yml`;
  writeFileSync(
    config,
    `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${storage}/registry}}\nhttp: {addr: "127.0.0.1:5000"}\n`,
  );
  return await lab.serving(
    ['docker-registry', 'serve', config],
    ['curl', '-sf', 'http://127.0.0.1:5000/v2/'],
  );
}

/** Of the agent, in bytes. */
async function peakMemory(lab: AgentLab): Promise<number> {
  const [agent] = (await processesNaming(`${lab.directory}/agent.json`)).filter(({ argv }) =>
    argv.includes('serve'),
  );
  const status = readFileSync(`/proc/${agent?.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) * 1024;
}

test('an image with sparse files of every format is loaded, saved as it was, and loaded elsewhere', async () => {
  const layers = await Promise.all(formats.map(([name, options]) => sparseArchive(name, options)));
  const image = layeredImage((await tinyImage()).layer, ...layers);
  await docker(first, ['load'], dockerArchive(image, ['sparse:1']));
  for (const [name] of formats) expectSparse(await inContainer(first, 'sparse:1', look(`/${name}`)));

  const saved = Buffer.from(await docker(first, ['save', 'sparse:1']), 'latin1');

  expect(saved.length).toBeLessThan(2 ** 25);
  await docker(second, ['load'], saved);
  const id = ['image', 'inspect', '-f', '{{.Id}}', 'sparse:1'];
  expect(await docker(second, id)).toBe(await docker(first, id));
  for (const [name] of formats) expectSparse(await inContainer(second, 'sparse:1', look(`/${name}`)));
});

test('sparse files of an archive and of a container stay so through a commit, a registry and an archive', async () => {
  const registry = '127.0.0.1:5000/holes:1';
  const size = 2 ** 28;
  const layer = await sparseArchive('archived', formats[3][1], size);
  await docker(
    first,
    ['load'],
    dockerArchive(layeredImage((await tinyImage()).layer, layer), ['holes:base']),
  );
  const write = `echo begin >/made; printf end | dd of=/made bs=1 seek=${size} 2>/dev/null`;
  await docker(first, ['run', '--name', 'maker', '--network', 'none', 'holes:base', 'sh', '-c', write]);
  await docker(first, ['commit', 'maker', registry]);
  const served = await Promise.all([first, second].map((lab) => serveRegistry(lab, first.directory)));

  await docker(first, ['push', registry]);
  await docker(second, ['pull', registry]);
  await docker(first, ['tag', registry, 'saved:1']);
  await docker(second, ['load'], Buffer.from(await docker(first, ['save', 'saved:1']), 'latin1'));

  const sums = 'cat archived made | md5sum; du -k archived made | cut -f1';
  const [sum, ...kibibytes] = (await inContainer(first, registry, sums)).trim().split('\n');
  expect(kibibytes.map(Number).every((each) => each < 1024)).toBe(true);
  for (const image of [registry, 'saved:1']) {
    const [otherSum, ...others] = (await inContainer(second, image, sums)).trim().split('\n');
    expect(otherSum).toBe(sum);
    expect(others.map(Number).every((each) => each < 1024)).toBe(true);
  }
  for (const lab of [first, second]) expect(await peakMemory(lab)).toBeLessThan(400 * 2 ** 20);
  for (const each of served) await each[Symbol.asyncDispose]();
});

test.each(formats)('docker cp keeps the holes of an archive of format %s', async (name, options) => {
  const archive = await sparseArchive(name, options);
  const container = (
    await docker(first, ['run', '-d', '--network', 'none', 'busybox', 'sleep', '600'])
  ).trim();

  await docker(first, ['cp', '-', `${container}:/tmp`], archive);

  expectSparse(await docker(first, ['exec', container, 'sh', '-c', look(`/tmp/${name}`)]));
  await docker(first, ['rm', '-f', container]);
});

test('docker import takes an archive with sparse files: the diff ID is that of its bytes', async () => {
  const archive = await sparseArchive('file', formats[3][1]);

  await docker(first, ['import', '-', 'imported:1'], archive);

  const layers = await docker(first, ['image', 'inspect', '-f', '{{json .RootFS.Layers}}', 'imported:1']);
  expect(JSON.parse(layers)).toEqual([digestOf(archive)]);
});

test('ADD unpacks archives with sparse files of every format, also in a context that is one', async () => {
  await using dir = await temporaryDirectory();
  for (const [name, options] of formats) {
    writeFileSync(`${dir.path}/${name}.tar`, await sparseArchive(name, options, 2 ** 24));
  }
  writeFileSync(`${dir.path}/hole`, '');
  truncateSync(`${dir.path}/hole`, 2 ** 24);
  writeFileSync(`${dir.path}/Dockerfile`, 'FROM busybox\nADD *.tar /\nCOPY hole /\n');
  const context = execFileSync('tar', ['-c', '--sparse', '-C', dir.path, '.']);

  await docker(first, ['build', '-q', '-t', 'added:1', '-'], context);

  const names = formats.map(([name]) => name).join(' ');
  const sums = await inContainer(
    first,
    'added:1',
    `cd /; md5sum ${names} | cut -c-32 | uniq -c; stat -c %s hole`,
  );
  expect(sums).toMatch(/^ *4 [0-9a-f]{32}\n16777216\n$/);
});

test.each([
  ['the classic builder', { DOCKER_BUILDKIT: '0' }],
  ['BuildKit', { DOCKER_BUILDKIT: undefined }],
])('%s keeps holes: of the context, of an archive, between stages, of commands', async (_, env) => {
  await using dir = await temporaryDirectory();
  const size = 2 ** 26;
  writeFileSync(`${dir.path}/context`, 'begin');
  truncateSync(`${dir.path}/context`, size);
  writeFileSync(`${dir.path}/added.tar`, await sparseArchive('added', ['--format=pax'], size));
  writeFileSync(
    `${dir.path}/Dockerfile`,
    `FROM busybox AS one
COPY context /context
RUN printf begin > /made && truncate -s ${size} /made
FROM busybox
COPY --from=one /context /made /
ADD added.tar /
`,
  );
  const config = await makeDockerConfig(dir.path);
  const client = (await buildKitClients())[0]?.path;
  const options = { env: { DOCKER_CONFIG: config, ...env }, ...(client !== undefined && { client }) };

  const { code, stderr } = await first.docker(['build', '-t', 'holes:1', dir.path], options);

  expect({ code, stderr }).toMatchObject({ code: 0 });
  const look = '/context /made /added; do stat -c %s $name; head -c 5 $name; du -k $name | cut -f1; done';
  const seen = (await inContainer(first, 'holes:1', `for name in ${look}`)).split('\n');
  for (const file of [0, 1, 2]) {
    const [bytes, content] = seen.slice(2 * file);
    expect(bytes).toBe(String(size));
    expect(content).toMatch(/^begin\d+$/);
    expect(Number(content?.slice(5))).toBeLessThan(2048);
  }
});

test('holes of terabytes are refused by name, and nothing remains', async () => {
  const archive = await sparseArchive('file', formats[3][1], 9 * 2 ** 40);
  const image = layeredImage((await tinyImage()).layer, archive);

  const loaded = await first.docker(['load'], { input: dockerArchive(image, ['bomb:1']) });

  expect(loaded.code).toBe(1);
  expect(loaded.stderr).toMatch(/sparse files with holes of \d+ bytes, of which 8796093022208 are let in/);
  expect(await docker(first, ['images', '-q', 'bomb'])).toBe('');
});
