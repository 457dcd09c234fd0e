import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { waitUntil } from '../../../../src/shared/wait-until.js';
import { AgentLab } from './support/agent-lab.js';

let lab: AgentLab;
beforeAll(async () => {
  lab = await AgentLab.start();
});
afterAll(async () => lab[Symbol.asyncDispose]());

async function output(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.docker(args);
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

const container = (...args: readonly string[]) => output('run', '-d', '--network', 'none', ...args);
const post = (path: string, body: object) => lab.request('POST', path, Buffer.from(JSON.stringify(body)));

async function createExec(id: string, options: object): Promise<string> {
  const { body } = await post(`/containers/${id}/exec`, options);
  return (body as { Id: string }).Id;
}

class Connection {
  readonly socket: Socket;
  text = '';

  constructor(socket: Socket, head: Buffer) {
    this.socket = socket;
    this.text = head.toString('latin1');
    socket.on('data', (chunk: Buffer) => {
      this.text += chunk.toString('latin1');
    });
    socket.on('error', () => {});
  }

  async until(text: string): Promise<void> {
    await waitUntil(async () => this.text.includes(text) || undefined, {
      ...{ what: text, timeoutMs: 30_000, intervalMs: 10, lastSeen: () => this.text },
    });
  }
}

async function hijack(path: string, body = ''): Promise<Connection> {
  const headers = {
    ...{ Connection: 'Upgrade', Upgrade: 'tcp', 'Content-Type': 'application/json' },
    'Content-Length': body.length,
  };
  const outgoing = request({ socketPath: lab.socket, method: 'POST', path, headers });
  outgoing.end(body);
  const [answer, socket, head] = (await once(outgoing, 'upgrade')) as [IncomingMessage, Socket, Buffer];
  expect(answer.statusCode).toBe(101);
  return new Connection(socket, head);
}

async function eventsOf(id: string): Promise<string[]> {
  const until = String(Math.ceil(Date.now() / 1000));
  const filters = ['--since', '1', '--until', until, '--filter', `container=${id}`];
  return (await output('events', ...filters, '--format', '{{.Action}}')).split('\n');
}

async function running(exec: string): Promise<boolean> {
  const { body } = await lab.request('GET', `/exec/${exec}/json`);
  return (body as { Running: boolean }).Running;
}

describe('attach', () => {
  test('the detach keys end the connection; the process goes on and can be attached to again', async () => {
    const id = await container('-it', 'busybox', 'cat');
    const path = `/containers/${id}/attach?stream=1&stdin=1&stdout=1&detachKeys=ctrl-a,b`;
    const first = await hijack(path);
    first.socket.write('one\n');
    await first.until('one\r\none');

    first.socket.write('\x01b');
    await once(first.socket, 'close');

    expect(await output('inspect', '-f', '{{.State.Status}}', id)).toBe('running');
    const second = await hijack(path);
    second.socket.write('two\n');
    await second.until('two\r\ntwo');
    second.socket.destroy();
    expect(await eventsOf(id)).toContain('detach');
  });

  test('ctrl-p,ctrl-q are the keys where none are given, and bad ones are refused', async () => {
    const id = await container('-it', 'busybox', 'cat');
    const attached = await hijack(`/containers/${id}/attach?stream=1&stdin=1&stdout=1`);

    attached.socket.write('\x10\x11');
    await once(attached.socket, 'close');

    expect(await post(`/containers/${id}/attach?stream=1&detachKeys=nope`, {})).toMatchObject({
      status: 400,
      body: 'Invalid detach keys (nope) provided\r\n',
    });
  });

  test('logs=1 replays what was written, only the streams that were asked for', async () => {
    const id = await container('busybox', 'sh', '-c', 'echo out; echo err >&2; echo done');
    await output('wait', id);

    const attached = await hijack(`/containers/${id}/attach?logs=1&stderr=1`);
    await once(attached.socket, 'close');

    expect(attached.text).toBe('\x02\0\0\0\0\0\0\x04err\n');
  });

  test('over WebSocket messages are input and output', async () => {
    const id = await container('-i', 'busybox', 'cat');
    await using proxy = await tcpProxy(lab.socket);
    const url = `ws://127.0.0.1:${proxy.port}/v1.47/containers/${id}/attach/ws?stream=1&stdin=1&stdout=1`;
    const client = new WebSocket(url);
    client.binaryType = 'arraybuffer';
    const received: string[] = [];
    client.addEventListener('message', ({ data }) =>
      received.push(Buffer.from(data as ArrayBuffer).toString()),
    );
    await new Promise((resolve) => client.addEventListener('open', resolve));
    const large = 'x'.repeat(100_000);

    client.send('hello\n');
    client.send(`${large}\n`);
    await waitUntil(async () => received.join('').endsWith('x\n') || undefined, {
      what: 'echo',
      timeoutMs: 30_000,
    });
    const closed = new Promise((resolve) => client.addEventListener('close', resolve));
    client.close();
    await closed;

    expect(received.join('')).toBe(`hello\n${large}\n`);
    expect(await lab.request('GET', `/containers/${id}/attach/ws`)).toMatchObject({ status: 400 });
  });

  test('over WebSocket the end of the container closes the connection', async () => {
    const id = await container('-i', 'busybox', 'cat');
    await using proxy = await tcpProxy(lab.socket);
    const client = new WebSocket(`ws://127.0.0.1:${proxy.port}/containers/${id}/attach/ws?stream=1&stdout=1`);
    await new Promise((resolve) => client.addEventListener('open', resolve));
    const closed = new Promise((resolve) => client.addEventListener('close', resolve));

    await output('kill', id);

    expect(await closed).toMatchObject({ code: 1000, wasClean: true });
  });
});

describe('exec', () => {
  test('has no exit code while it runs, then its own', async () => {
    const id = await container('busybox', 'sleep', '1000');
    const exec = await createExec(id, {
      Cmd: ['sh', '-c', 'read x; exit 7'],
      AttachStdin: true,
      AttachStdout: true,
    });
    expect(await lab.request('GET', `/exec/${exec}/json`)).toMatchObject({
      body: {
        Running: false,
        ExitCode: null,
        Pid: 0,
        ProcessConfig: { entrypoint: 'sh', privileged: false },
      },
    });
    const attached = await hijack(`/exec/${exec}/start`, '{}');
    await waitUntil(async () => (await running(exec)) || undefined, { what: 'the exec', timeoutMs: 30_000 });
    expect(await lab.request('GET', `/exec/${exec}/json`)).toMatchObject({
      body: { Running: true, ExitCode: null, Pid: expect.any(Number), ContainerID: id },
    });
    expect(await post(`/exec/${exec}/start`, {})).toMatchObject({ status: 409 });

    attached.socket.write('\n');
    await once(attached.socket, 'close');

    expect(await lab.request('GET', `/exec/${exec}/json`)).toMatchObject({
      body: { Running: false, ExitCode: 7 },
    });
    expect(await post(`/exec/${exec}/start`, {})).toMatchObject({ status: 409 });
  });

  test('a process whose client hangs up goes on, also when it writes', async () => {
    const id = await container('busybox', 'sleep', '1000');
    const script =
      'echo begun; read x; for i in 1 2 3; do echo more || exit 1; done; echo yes >/tmp/survived';
    const exec = await createExec(id, { Cmd: ['sh', '-c', script], AttachStdin: true, AttachStdout: true });
    const attached = await hijack(`/exec/${exec}/start`, '{}');
    await attached.until('begun');

    attached.socket.destroy();

    await waitUntil(async () => !(await running(exec)) || undefined, { what: 'its end', timeoutMs: 30_000 });
    expect(await output('exec', id, 'cat', '/tmp/survived')).toBe('yes');
  });

  test('on a terminal gets the size that was set before the start, and the detach keys leave it running', async () => {
    const id = await container('busybox', 'sleep', '1000');
    // crun sets it when the process may run already.
    const script = 'until stty size | grep "33 44"; do sleep 0.05; done; cat';
    const exec = await createExec(id, {
      ...{ Cmd: ['sh', '-c', script], Tty: true, AttachStdin: true, AttachStdout: true },
      DetachKeys: 'ctrl-x',
    });
    expect(await post(`/exec/${exec}/resize?h=33&w=44`, {})).toMatchObject({ status: 200 });
    const attached = await hijack(`/exec/${exec}/start`, '{"Tty":true}');
    await attached.until('33 44');

    attached.socket.write('\x18');
    await once(attached.socket, 'close');

    expect(await running(exec)).toBe(true);
    expect(await eventsOf(id)).toContain('exec_detach');
  });

  test('privileged may have all capabilities that the host has, also as a user', async () => {
    const id = await container('busybox', 'sleep', '1000');
    const bounding = async (...options: string[]) =>
      BigInt(
        `0x${await output('exec', ...options, id, 'awk', '/CapBnd/ { print $2 }', '/proc/self/status')}`,
      );

    const all = await bounding('--privileged');

    expect(await bounding('--privileged', '-u', 'nobody')).toBe(all);
    expect(all).toBeGreaterThan(await bounding());
  });
});

/** Clients of WebSocket know no Unix sockets. */
async function tcpProxy(path: string): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer((client) => {
    const upstream = connect(path);
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}
