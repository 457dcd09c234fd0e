import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';

export type Body = Record<string, unknown>;

/** Undefined for a method that the plugin does not have. */
type Answer = (method: string, body: Body) => Promise<Body | undefined>;

const places = '/run/docker/plugins';

/** A third party's program that speaks Docker's plugin protocol on a socket where engines look for it. */
export class PluginServer implements AsyncDisposable {
  readonly name: string;
  readonly calls: { readonly method: string; readonly body: Body }[] = [];
  readonly #server: Server;
  readonly #socket: string;

  private constructor(name: string, answer: Answer) {
    this.name = name;
    this.#socket = join(places, `${name}.sock`);
    this.#server = createServer(async (request, response) => {
      const body: Body = JSON.parse((await request.toArray()).join('') || '{}');
      const method = request.url?.slice(1) ?? '';
      this.calls.push({ method, body });
      const answered = await answer(method, body).catch((error: Error) => ({ Err: error.message }));
      response.writeHead(answered ? 200 : 404, {
        'content-type': 'application/vnd.docker.plugins.v1.1+json',
      });
      response.end(JSON.stringify(answered ?? {}));
    });
  }

  /** Under a name that is this process's own. */
  static async start(prefix: string, answer: Answer): Promise<PluginServer> {
    const server = new PluginServer(`${prefix}${process.pid}`, answer);
    await mkdir(places, { recursive: true });
    await rm(server.#socket, { force: true });
    server.#server.listen(server.#socket);
    await once(server.#server, 'listening');
    return server;
  }

  /** Bodies of the calls of a method. */
  of(method: string): readonly Body[] {
    return this.calls.filter((call) => call.method === method).map(({ body }) => body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#socket, { force: true });
  }
}
