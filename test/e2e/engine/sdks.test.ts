import { readFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import Docker from 'dockerode';
import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers';
import { tarEnd, tarFile } from '../../../src/shared/tar/tar-writer.js';
import { waitUntil } from '../../../src/shared/wait-until.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import { createTestStore, type TestStore } from '../../support/tsmachine.js';

// The SDKs that most programs use, unmodified, in this process.
let store: TestStore;
let docker: Docker;
let address: string;

beforeAll(async () => {
  store = await createTestStore();
  await store.expectOk(['create', 'sdks'], { timeoutMs: 300_000 });
  await store.expectOk(['load', '-m', 'sdks', '-i', await buildTinyImage(store.path)]);
  const env = await store.dockerEnv('sdks');
  address = (await store.expectOk(['ip', 'sdks'])).trim();
  const certificates = String(env['DOCKER_CERT_PATH']);
  const file = (name: string) => readFile(join(certificates, name));
  docker = new Docker({
    host: address,
    port: 2376,
    protocol: 'https',
    ca: await file('ca.pem'),
    cert: await file('cert.pem'),
    key: await file('key.pem'),
  });
  Object.assign(process.env, {
    DOCKER_HOST: env['DOCKER_HOST'],
    DOCKER_TLS_VERIFY: '1',
    DOCKER_CERT_PATH: certificates,
    TESTCONTAINERS_RYUK_DISABLED: 'true',
  });
}, 320_000);
afterAll(() => store[Symbol.asyncDispose]());

describe('dockerode', () => {
  test('runs a container with its output apart, waits for it and removes it', async () => {
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    const said = { stdout: '', stderr: '' };
    stdout.on('data', (chunk) => {
      said.stdout += chunk;
    });
    stderr.on('data', (chunk) => {
      said.stderr += chunk;
    });
    const command = ['sh', '-c', 'echo out; echo err >&2; exit 3'];

    const [result, container] = await docker.run('busybox', command, [stdout, stderr], { Tty: false });

    expect(result.StatusCode).toBe(3);
    // dockerode tells the exit as soon as it knows it, whether the output is there yet or not.
    const all = 'out\nerr\n';
    await waitUntil(async () => said.stdout + said.stderr === all || undefined, {
      what: all,
      timeoutMs: 30_000,
    });
    expect(said.stdout).toBe('out\n');
    await container.remove();
  });

  test('starts, inspects, runs a command in, copies to and from, stops and lists a container', async () => {
    const container = await docker.createContainer({
      Image: 'busybox',
      name: 'dockerode',
      Cmd: ['sleep', '60'],
      Labels: { suite: 'sdks' },
      HostConfig: { Memory: 64 * 2 ** 20, RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 } },
    });
    await container.start();
    const inspected = await container.inspect();
    const exec = await container.exec({ Cmd: ['cat', '/note'], AttachStdout: true, AttachStderr: true });
    const note = Buffer.concat([tarFile({ type: 'file', name: 'note' }, Buffer.from('a note\n')), tarEnd]);
    await container.putArchive(note, { path: '/' });
    const stream = await exec.start({ hijack: true, stdin: false });
    const output = new PassThrough();
    const said = text(output);
    docker.modem.demuxStream(stream, output, output);
    await finished(stream).catch(() => {});
    output.end();
    const archive = await container.getArchive({ path: '/note' });
    const listed = await docker.listContainers({ filters: { label: ['suite=sdks'], status: ['running'] } });
    const { ExitCode } = await exec.inspect();
    await container.stop({ t: 0 });
    const { State } = await container.inspect();
    await container.remove({ v: true });

    expect(inspected).toMatchObject({ Name: '/dockerode', State: { Running: true } });
    expect(await said).toBe('a note\n');
    expect(ExitCode).toBe(0);
    await expect(exec.inspect()).rejects.toThrow('No such exec instance'); // it goes with its container
    expect(await text(archive as Readable)).toContain('a note');
    expect(listed.map(({ Id }) => Id)).toEqual([container.id]);
    expect(State).toMatchObject({ Status: 'exited', ExitCode: 137 });
  });

  test('gets events in order, and statistics', async () => {
    const events = await docker.getEvents({ filters: { type: ['container'], container: ['watched'] } });
    const seen: string[] = [];
    events.on('data', (chunk) => {
      for (const line of String(chunk).split('\n').filter(Boolean)) seen.push(JSON.parse(line).Action);
    });
    const container = await docker.createContainer({
      Image: 'busybox',
      name: 'watched',
      Cmd: ['sleep', '60'],
    });
    await container.start();
    const stats = await container.stats({ stream: false });
    await container.kill();
    await container.wait();
    await container.remove();
    (events as Readable).destroy();

    expect(seen.slice(0, 4)).toEqual(['create', 'start', 'kill', 'die']);
    expect(stats.memory_stats.usage).toBeGreaterThan(0);
    expect(stats.pids_stats?.current).toBe(1);
  });

  test('has the errors of Docker with their status', async () => {
    await expect(docker.getContainer('nobody').inspect()).rejects.toMatchObject({
      statusCode: 404,
      reason: 'no such container',
    });
    await expect(docker.createContainer({ Image: 'nothing' })).rejects.toMatchObject({ statusCode: 404 });
  });
});

describe('testcontainers', () => {
  const started: StartedTestContainer[] = [];
  afterEach(async () => {
    for (const container of started.splice(0)) await container.stop();
  });

  test('starts a container, waits for its log and port, and reaches it', async () => {
    const container = await new GenericContainer('busybox:latest')
      .withCommand(['sh', '-c', 'echo ready; while true; do nc -l -p 8080 -e echo hello; done'])
      .withExposedPorts(8080)
      .withEnvironment({ GREETING: 'hi' })
      .withWaitStrategy(Wait.forLogMessage('ready'))
      .start();
    started.push(container);

    expect(await container.exec(['sh', '-c', 'echo $GREETING'])).toMatchObject({
      exitCode: 0,
      output: 'hi\n',
    });
    const socket = createConnection({ host: container.getHost(), port: container.getMappedPort(8080) });
    expect(await text(socket)).toBe('hello\n');
  });

  test('copies files in, and waits for a command to succeed', async () => {
    const container = await new GenericContainer('busybox:latest')
      .withCommand(['sleep', '60'])
      .withCopyContentToContainer([{ content: 'copied', target: '/tmp/file' }])
      .withWaitStrategy(Wait.forSuccessfulCommand('test -s /tmp/file'))
      .start();
    started.push(container);

    expect((await container.exec(['cat', '/tmp/file'])).output).toBe('copied');
    await container.restart();
    expect((await container.exec(['cat', '/tmp/file'])).output).toBe('copied');
  });

  test('waits for a health check', async () => {
    const container = await new GenericContainer('busybox:latest')
      .withCommand(['sh', '-c', 'sleep 1; touch /tmp/healthy; sleep 60'])
      .withHealthCheck({
        test: ['CMD', 'test', '-e', '/tmp/healthy'],
        interval: 200,
        timeout: 1000,
        retries: 30,
      })
      .withWaitStrategy(Wait.forHealthCheck())
      .start();
    started.push(container);

    expect((await container.exec(['ls', '/tmp/healthy'])).exitCode).toBe(0);
  });
});
