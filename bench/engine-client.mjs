/** The Engine API over mutual TLS, one connection kept open: what both engines are asked through. */
import { readFile } from 'node:fs/promises';
import { Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent, request } from 'node:https';
import { join } from 'node:path';

export class EngineClient {
  #options;

  /** @param directory of ca.pem, cert.pem and key.pem; undefined for plain HTTP */
  static async open({ host, port, directory }) {
    if (directory === undefined) {
      return new EngineClient({ host, port, agent: new PlainAgent({ keepAlive: true }) });
    }
    const [ca, cert, key] = await Promise.all(
      ['ca.pem', 'cert.pem', 'key.pem'].map((file) => readFile(join(directory, file))),
    );
    const agent = new Agent({ keepAlive: true, ca, cert, key });
    return new EngineClient({ host, port, agent });
  }

  constructor(options) {
    this.#options = options;
  }

  /** The answer's body to its end; for exec and attach that is the end of the output. Throws on 4xx and 5xx. */
  async send(method, path, { body, contentType = 'application/json', headers } = {}) {
    const response = await this.#ask(method, path, { body, contentType, headers });
    const chunks = [];
    for await (const chunk of response) chunks.push(chunk);
    const text = Buffer.concat(chunks);
    if (response.statusCode >= 400) throw new Error(`${method} ${path}: ${response.statusCode} ${text}`);
    return text;
  }

  /** Reads the answer to its end without keeping it; answers its bytes. `body` may be a stream. */
  async drain(method, path, { body, contentType = 'application/json', length } = {}) {
    const response = await this.#ask(method, path, { body, contentType, length });
    let bytes = 0;
    for await (const chunk of response) bytes += chunk.length;
    if (response.statusCode >= 400) throw new Error(`${method} ${path}: ${response.statusCode}`);
    return bytes;
  }

  /** The answer once its headers are there. */
  async #ask(method, path, { body, contentType, length, headers: own }) {
    const { promise, resolve, reject } = Promise.withResolvers();
    const size = length ?? body?.length;
    const described = body === undefined ? {} : { 'content-type': contentType, 'content-length': size };
    const headers = { ...described, ...own };
    const send = this.#options.agent instanceof Agent ? request : plainRequest;
    const asked = send(
      { ...this.#options, method, path: `/v1.41${path}`, headers, timeout: 120_000 },
      resolve,
    );
    asked.once('error', reject);
    asked.once('timeout', () => asked.destroy(new Error(`no answer to ${method} ${path}`)));
    if (body?.pipe) body.pipe(asked);
    else asked.end(body);
    return promise;
  }

  async json(method, path, value) {
    const body = value === undefined ? undefined : Buffer.from(JSON.stringify(value));
    const text = await this.send(method, path, { body });
    return text.length === 0 ? undefined : JSON.parse(text.toString());
  }

  close() {
    this.#options.agent.destroy();
  }
}
