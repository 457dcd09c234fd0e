import { DockerContexts, dockerConfigDirectory } from '../machine/docker-contexts.js';
import { MachineCommand } from './machine-command.js';

/** A command that keeps docker's contexts in step with machines. */
export abstract class ContextCommand extends MachineCommand {
  protected get contexts(): DockerContexts {
    return new DockerContexts(dockerConfigDirectory(this.environment), this.storage);
  }
}
