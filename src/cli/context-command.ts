import { chooseContext, currentContext } from '../machine/engine/current-context.js';
import { type ContextEntry, DockerContexts } from '../machine/engine/docker-contexts.js';
import { TsmachineError } from '../shared/errors.js';
import { dockerConfigDirectory } from './docker-config-directory.js';
import { MachineCommand } from './machine-command.js';

/** A command that keeps docker's contexts in step with machines. */
export abstract class ContextCommand extends MachineCommand {
  protected get contexts(): DockerContexts {
    return new DockerContexts(dockerConfigDirectory(this.environment), this.storage);
  }

  protected currentContext(): Promise<string> {
    return currentContext(this.environment, dockerConfigDirectory(this.environment));
  }

  /** Docker's own: no context, but what DOCKER_HOST says. */
  protected defaultContext(): ContextEntry {
    const host = this.environment['DOCKER_HOST'] || 'unix:///var/run/docker.sock';
    return { name: 'default', description: 'Current DOCKER_HOST based configuration', host };
  }

  /** A machine without a context is given one. Throws CONTEXT_NOT_FOUND, and what `writeContext` throws. */
  protected async chooseContext(name: string): Promise<void> {
    const isThere = name === 'default' || (await this.contexts.entries()).some((each) => each.name === name);
    if (!isThere) {
      if (!(await this.machines.names()).includes(name)) throw contextNotFound(name);
      await this.writeContext(name);
    }
    await chooseContext(dockerConfigDirectory(this.environment), name);
  }

  /** Throws CONTEXT_NAME_INVALID, CONTEXT_EXISTS, and what keeps the machine from having a URL. */
  protected async writeContext(name: string): Promise<'made' | 'changed' | 'kept'> {
    const url = await this.machines.url(name);
    if (url.startsWith('ssh://')) return this.contexts.write({ name, url });
    const { ca, cert, key } = await this.machines.engine(name);
    return this.contexts.write({ name, url, tls: { ca, cert, key } });
  }
}

function contextNotFound(name: string): TsmachineError {
  return new TsmachineError('not-found', 'CONTEXT_NOT_FOUND', `context "${name}": context not found`, {
    hints: ['run "tsmachine context ls" to see those that there are'],
  });
}
