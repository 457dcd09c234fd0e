import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type BuildKitClient,
  buildKitClients,
  makeDockerConfig,
} from '../../../../support/buildkit-clients.js';
import { AgentLab } from './agent-lab.js';

interface BuildOptions {
  readonly client?: BuildKitClient;
  readonly input?: string | Buffer;
  readonly env?: NodeJS.ProcessEnv;
}

/** A lab whose engine builds for BuildKit's clients. */
export class BuildLab implements AsyncDisposable {
  readonly lab: AgentLab;
  readonly clients: readonly BuildKitClient[];
  readonly #config: string;
  #number = 0;

  private constructor(lab: AgentLab, clients: readonly BuildKitClient[], config: string) {
    this.lab = lab;
    this.clients = clients;
    this.#config = config;
  }

  /** `dataSize` makes the store a file system of that size. */
  static async start(dataSize?: string): Promise<BuildLab> {
    const lab = await AgentLab.start({}, dataSize);
    return new BuildLab(lab, await buildKitClients(), await makeDockerConfig(lab.directory));
  }

  /** A place that nothing else uses. */
  path(name: string): string {
    return join(this.lab.directory, `${name}-${this.#number++}`);
  }

  /** A directory with these files. */
  async context(files: Readonly<Record<string, string>>): Promise<string> {
    const directory = this.path('context');
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(directory, name)), { recursive: true });
      await writeFile(join(directory, name), content);
    }
    return directory;
  }

  /** By default with the newest client. Answers both outputs. */
  async docker(
    args: readonly string[],
    { client = this.clients[0], input = '', env = {} }: BuildOptions = {},
  ): Promise<{ readonly code: number; readonly all: string }> {
    if (!client) throw new Error('there is no client');
    const options = {
      client: client.path,
      input,
      env: { DOCKER_CONFIG: this.#config, ...client.env, ...env },
    };
    const { code, stdout, stderr } = await this.lab.docker(args, options);
    return { code, all: `${stdout}${stderr}` };
  }

  /** Throws unless it succeeds. */
  async ok(args: readonly string[], options: BuildOptions = {}): Promise<string> {
    const { code, all } = await this.docker(args, options);
    if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${all}`);
    return all;
  }

  /** Builds a directory, or these files; answers the progress. */
  async build(
    files: string | Readonly<Record<string, string>>,
    args: readonly string[] = [],
    options: BuildOptions = {},
  ): Promise<string> {
    const context = typeof files === 'string' ? files : await this.context(files);
    return await this.ok(['build', '--progress=plain', ...args, context], options);
  }

  /** Answers what is said of the failure. */
  async failure(
    files: string | Readonly<Record<string, string>>,
    args: readonly string[] = [],
    options: BuildOptions = {},
  ): Promise<string> {
    const context = typeof files === 'string' ? files : await this.context(files);
    const { code, all } = await this.docker(['build', '--progress=plain', ...args, context], options);
    if (code === 0) throw new Error(`it was built: ${all}`);
    return all;
  }

  /** As on another host: nothing that was built is known any more. */
  async forget(): Promise<void> {
    await this.ok(['builder', 'prune', '-af']);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab[Symbol.asyncDispose]();
  }
}
