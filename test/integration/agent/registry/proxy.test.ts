import { createServer, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { exchange, readBody } from '../../../../src/agent/registry/http-exchange.js';
import { registryAgents } from '../../../../src/agent/registry/registry-agents.js';
import { closeServer, listen } from '../../../support/registry.js';

/** A proxy that leads every name to one server, and says what it was asked for. */
async function startProxy(target: number) {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const { pathname } = new URL(request.url ?? '');
    const onward = httpRequest({ host: '127.0.0.1', port: target, path: pathname }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  server.on('connect', (request, socket: Socket) => {
    asked.push(`CONNECT ${request.url}`);
    sockets.add(socket);
    const onward = connect(target, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    for (const each of [socket, onward]) each.on('error', () => {});
  });
  return {
    ...{ asked, url: `http://127.0.0.1:${await listen(server)}` },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await closeServer(server);
    },
  };
}

async function withServer<T>(work: (port: number) => Promise<T>): Promise<T> {
  const server = createServer((_, response) => response.end('from the registry'));
  try {
    return await work(await listen(server));
  } finally {
    await closeServer(server);
  }
}

async function get(url: URL, environment: NodeJS.ProcessEnv): Promise<string> {
  const agents = await registryAgents([], url.host, false, environment);
  try {
    const { signal } = new AbortController();
    const response = await exchange({
      method: 'GET',
      url,
      agent: agents.for(url),
      signal,
      deadlineMs: 5_000,
    });
    return (await readBody(response, 1_000, 5_000)).toString();
  } finally {
    agents.close();
  }
}

test('a registry is asked through the proxy of the environment, unless it is on this host or named in NO_PROXY', () =>
  withServer(async (port) => {
    await using proxy = await startProxy(port);
    const environment = { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, NO_PROXY: '.inside.example' };

    expect(await get(new URL('http://registry.example/v2/'), environment)).toBe('from the registry');
    await expect(get(new URL('https://registry.example/v2/'), environment)).rejects.toThrow();
    expect(await get(new URL(`http://127.0.0.1:${port}/v2/`), environment)).toBe('from the registry');
    await expect(get(new URL('http://a.inside.example/v2/'), environment)).rejects.toThrow(
      /no such host|EAI_AGAIN/,
    );

    expect(proxy.asked).toEqual(['GET http://registry.example/v2/', 'CONNECT registry.example:443']);
  }));
