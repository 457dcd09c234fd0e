import { DockerContexts } from '../machine/engine/docker-contexts.js';
import { dockerConfigDirectory } from './docker-config-directory.js';
import { MachineCommand } from './machine-command.js';

/** A command that keeps docker's contexts in step with machines. */
export abstract class ContextCommand extends MachineCommand {
  protected get contexts(): DockerContexts {
    return new DockerContexts(dockerConfigDirectory(this.environment), this.storage);
  }

  /** Throws CONTEXT_NAME_INVALID, CONTEXT_EXISTS, and what keeps the machine from having a URL. */
  protected async writeContext(name: string): Promise<'made' | 'changed' | 'kept'> {
    const url = await this.machines.url(name);
    if (url.startsWith('ssh://')) return this.contexts.write({ name, url });
    const { ca, cert, key } = await this.machines.engine(name);
    return this.contexts.write({ name, url, tls: { ca, cert, key } });
  }
}
