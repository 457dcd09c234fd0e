import { readFile, stat } from 'node:fs/promises';

/** What a resolv.conf(5) says. */
export interface ResolvConf {
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

export function parseResolvConf(text: string): ResolvConf {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  const values = (...keywords: string[]) =>
    lines.filter(([first = '']) => keywords.includes(first)).map(([, ...rest]) => rest);
  return {
    servers: values('nameserver').flatMap(([address]) => address ?? []),
    search: values('search', 'domain').at(-1) ?? [],
    options: values('options').flat(),
  };
}

/** The host's; empty where it has none. Read again when the file has changed, which is looked for once a second. */
export class HostResolvConf {
  readonly #path: string;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #version = '';
  #current: ResolvConf = parseResolvConf('');

  constructor(path = '/etc/resolv.conf') {
    this.#path = path;
  }

  async read(): Promise<ResolvConf> {
    const now = performance.now();
    if (now - this.#checkedAt < 1000) return this.#current;
    this.#checkedAt = now;
    const version = await stat(this.#path).then(
      ({ mtimeMs, ino, size }) => `${mtimeMs} ${ino} ${size}`,
      () => 'none',
    );
    if (version === this.#version) return this.#current;
    this.#current = parseResolvConf(await readFile(this.#path, 'utf8').catch(() => ''));
    this.#version = version;
    return this.#current;
  }
}

/** Where containers find their name server. */
export const serverAddress = '127.0.0.11';

/** dockerd's, where the host has none that can be reached. */
export const publicServers: readonly string[] = ['8.8.8.8', '8.8.4.4'];
