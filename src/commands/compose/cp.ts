import { Args, Flags } from '@oclif/core';
import { composeFlags } from '../../cli/compose/flags.js';
import { indexFlag } from '../../cli/compose/index-flag.js';
import { runningContainer } from '../../cli/compose/one-container.js';
import { type OpenProject, ProjectCommand } from '../../cli/compose/project-command.js';
import { copyFiles } from '../../cli/docker/copy/copy-files.js';
import { type CopyPlace, parseCopyPlace } from '../../cli/docker/copy/copy-place.js';

export default class ComposeCp extends ProjectCommand {
  static override summary = 'Copy files between a container of a service and this computer';
  static override description =
    'A side is PATH, SERVICE:PATH, or "-" for a tar on STDIN or STDOUT; both may be services, on different machines too.';
  static override examples = [
    '<%= config.bin %> compose cp web:/etc/nginx/nginx.conf .',
    '<%= config.bin %> compose cp --index 2 ./site/. web:/usr/share/nginx/html',
  ];
  static override args = {
    source: Args.string({ description: 'what to copy', required: true, ignoreStdin: true }),
    target: Args.string({ description: 'where to', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...composeFlags,
    ...indexFlag,
    archive: Flags.boolean({ char: 'a', description: 'keep user and group' }),
    'follow-link': Flags.boolean({ char: 'L', description: 'copy what a link leads to' }),
    all: Flags.boolean({
      description: 'also containers of "compose run"; that is of no effect',
      hidden: true,
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ComposeCp);
    const sides = [parseCopyPlace(args.source), parseCopyPlace(args.target)] as const;
    const services = sides.flatMap((side) => (side.kind === 'container' ? [side.container] : []));
    await this.withProjectOrLabels(flags, { services, along: 'none' }, async (open) => {
      const [from, to] = await Promise.all(sides.map((side) => resolved(open, side, flags.index)));
      if (!from || !to) return;
      const options = { archive: flags.archive, followLink: flags['follow-link'] };
      await copyFiles(from, to, options, {
        clientOf: async (machine) => open.fleet.client(machine ?? open.fleet.home),
        ...{ stdio: this.stdio, signal: this.signal },
      });
    });
  }
}

/** The container that a service stands for, and its machine. */
async function resolved(open: OpenProject, side: CopyPlace, index: number | undefined): Promise<CopyPlace> {
  if (side.kind !== 'container') return side;
  const { id, machine } = await runningContainer(open, side.container, index);
  return { ...side, container: id, machine };
}
