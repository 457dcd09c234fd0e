import { Flags } from '@oclif/core';
import { ContextStore, type WholeContext } from '../machine/contexts/context-store.js';
import { chooseContext, currentContext } from '../machine/contexts/current-context.js';
import { DockerContexts } from '../machine/contexts/docker-contexts.js';
import { checkContextName, contextExists, contextNotFound } from '../machine/contexts/errors.js';
import { environmentContext } from './context-endpoint.js';
import { dockerConfigDirectory } from './docker-config-directory.js';
import { MachineCommand } from './machine-command.js';

/** What a context is for and where it leads. */
export const endpointFlags = {
  description: Flags.string({ description: 'what it is for' }),
  docker: Flags.string({
    ...{ description: 'how the engine is reached: host, ca, cert, key, skip-tls-verify; or from' },
    ...{ helpValue: 'KEY=VALUE,…', multiple: true, multipleNonGreedy: true },
  }),
};

/** A command on docker's contexts: those of machines, and all others. */
export abstract class ContextCommand extends MachineCommand {
  /** Those of machines. */
  protected get contexts(): DockerContexts {
    return new DockerContexts(this.dockerConfig, this.storage);
  }

  /** All. */
  protected get contextStore(): ContextStore {
    return new ContextStore(this.dockerConfig);
  }

  protected get dockerConfig(): string {
    return dockerConfigDirectory(this.environment);
  }

  protected currentContext(): Promise<string> {
    return currentContext(this.environment, this.dockerConfig);
  }

  /** Docker's own: no context, but what DOCKER_HOST says. */
  protected defaultContext(): Promise<WholeContext> {
    return environmentContext(this.environment, this.dockerConfig);
  }

  /** Also "default". Throws CONTEXT_NOT_FOUND. */
  protected readContext(name: string): Promise<WholeContext> {
    return name === 'default' ? this.defaultContext() : this.contextStore.read(name);
  }

  /** Throws CONTEXT_NAME_INVALID, CONTEXT_EXISTS. */
  protected async addContext(context: WholeContext): Promise<void> {
    await this.assertNewContext(context.name);
    await this.contextStore.write(context);
  }

  /** Throws CONTEXT_NAME_INVALID, CONTEXT_EXISTS. */
  protected async assertNewContext(name: string): Promise<void> {
    checkContextName(name);
    if (await this.contextStore.find(name)) throw contextExists(name);
  }

  /** A machine without a context is given one. Throws CONTEXT_NOT_FOUND, and what `writeContext` throws. */
  protected async chooseContext(name: string): Promise<void> {
    const isThere = name === 'default' || (await this.contextStore.find(name)) !== undefined;
    if (!isThere) {
      if (!(await this.machines.names()).includes(name)) throw contextNotFound(name);
      await this.writeContext(name);
    }
    await chooseContext(this.dockerConfig, name);
  }

  /** Throws CONTEXT_NAME_INVALID, CONTEXT_EXISTS, and what keeps the machine from having a URL. */
  protected async writeContext(name: string): Promise<'made' | 'changed' | 'kept'> {
    const url = await this.machines.url(name);
    if (url.startsWith('ssh://')) return this.contexts.write({ name, url });
    const { ca, cert, key } = await this.machines.engine(name);
    return this.contexts.write({ name, url, tls: { ca, cert, key } });
  }
}
