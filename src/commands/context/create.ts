import { Args, Flags } from '@oclif/core';
import { ContextCommand, endpointFlags } from '../../cli/context-command.js';
import { parseDockerEndpoint } from '../../cli/context-endpoint.js';
import { conflictingOptions } from '../../cli/docker/errors.js';
import type { WholeContext } from '../../machine/contexts/context-store.js';
import { withoutMark } from '../../machine/contexts/docker-contexts.js';

export default class ContextCreate extends ContextCommand {
  static override summary = 'Make a context of docker';
  static override description =
    'As "docker context create": for an engine anywhere, or as a copy of another context. Without --docker and --from it is a copy of the one in use. Those of machines are made by "context sync" and "context use".';
  static override examples = [
    '<%= config.bin %> context create far --docker host=ssh://me@far.example',
    '<%= config.bin %> context create far --description "in Oslo" --docker host=tcp://far.example:2376,ca=ca.pem,cert=cert.pem,key=key.pem',
    '<%= config.bin %> context create copy --from web',
  ];
  static override args = { name: Args.string({ description: 'name of the context', required: true }) };
  static override flags = {
    ...endpointFlags,
    from: Flags.string({ description: 'copy this context', helpValue: 'CONTEXT' }),
  };

  async run(): Promise<{ readonly name: string }> {
    const { args, flags } = await this.parse(ContextCreate);
    const { name } = args;
    if (flags.from !== undefined && flags.docker) {
      throw conflictingOptions('cannot use --docker flag when --from is set');
    }
    await this.assertNewContext(name);
    const { description: Description } = flags;
    const context = flags.docker
      ? { metadata: {}, ...(await parseDockerEndpoint(flags.docker, (from) => this.readContext(from))) }
      : await this.copyOf(flags.from ?? (await this.currentContext()));
    const metadata = { ...context.metadata, ...(Description && { Description }) };
    await this.addContext({ ...context, name, metadata });
    this.log(name);
    this.reporter.info(`Successfully created context "${name}"`);
    return { name };
  }

  private async copyOf(name: string): Promise<WholeContext> {
    const context = await this.readContext(name);
    return { ...context, metadata: withoutMark(context.metadata) };
  }
}
