import { Args } from '@oclif/core';
import { ContextCommand, endpointFlags } from '../../cli/context-command.js';
import { parseDockerEndpoint } from '../../cli/context-endpoint.js';
import { checkContextName } from '../../machine/contexts/errors.js';

export default class ContextUpdate extends ContextCommand {
  static override summary = 'Change a context of docker';
  static override description =
    'As "docker context update". With --docker it is reached in another way, of which nothing remains of before. What is changed of a machine\'s context lasts until the next "context sync".';
  static override examples = [
    '<%= config.bin %> context update far --description "in Bergen"',
    '<%= config.bin %> context update far --docker host=ssh://me@farther.example',
  ];
  static override args = { name: Args.string({ description: 'name of the context', required: true }) };
  static override flags = endpointFlags;

  async run(): Promise<{ readonly name: string }> {
    const { args, flags } = await this.parse(ContextUpdate);
    const { name } = args;
    checkContextName(name);
    const context = await this.contextStore.read(name);
    const { description: Description, docker } = flags;
    const endpoint = docker && (await parseDockerEndpoint(docker, (from) => this.readContext(from)));
    const metadata = { ...context.metadata, ...(Description && { Description }) };
    await this.contextStore.write({ ...context, ...endpoint, metadata });
    this.log(name);
    this.reporter.info(`Successfully updated context "${name}"`);
    return { name };
  }
}
