import { Flags } from '@oclif/core';
import { creationFlags, creationOptions, parseScales } from '../../cli/compose/creation-flags.js';
import { flagsConflict } from '../../cli/compose/errors.js';
import { composeFlags } from '../../cli/compose/flags.js';
import { type OpenProject, ProjectCommand } from '../../cli/compose/project-command.js';
import { serviceArguments } from '../../cli/compose/service-arguments.js';
import { upProject } from '../../cli/compose/up-project.js';
import { type ChangeRequest, watchLine } from '../../cli/compose/watch-actions.js';
import { repeatable } from '../../cli/flags.js';

export default class ComposeUp extends ProjectCommand {
  static override summary = 'Create and start what the Compose file describes';
  static override description =
    'Makes networks, volumes and containers, anew only where something has changed, starts them in the order of their dependencies, and shows what they write until Ctrl-C stops them. With -d they go on by themselves.';
  static override examples = [
    '<%= config.bin %> compose up -d',
    '<%= config.bin %> compose up --build --abort-on-container-exit --exit-code-from tests',
    '<%= config.bin %> compose up -d --wait --scale worker=3 web worker',
  ];
  static override strict = false;
  static override args = serviceArguments;
  static override flags = {
    ...composeFlags,
    ...creationFlags,
    detach: Flags.boolean({ char: 'd', description: 'leave the containers to themselves' }),
    'no-deps': Flags.boolean({ description: 'only these services, not those that they depend on' }),
    'no-start': Flags.boolean({ description: 'only create' }),
    'always-recreate-deps': Flags.boolean({ description: 'make those that they depend on anew, too' }),
    'renew-anon-volumes': Flags.boolean({
      char: 'V',
      description: 'begin with new anonymous volumes instead of handing them on',
    }),
    timeout: Flags.integer({ char: 't', description: 'seconds until a container that is stopped is killed' }),
    wait: Flags.boolean({ description: 'wait until all run, or are healthy; implies -d' }),
    'wait-timeout': Flags.integer({ description: 'seconds to wait at most' }),
    'abort-on-container-exit': Flags.boolean({ description: 'stop all as soon as one has ended' }),
    'abort-on-container-failure': Flags.boolean({ description: 'stop all as soon as one has failed' }),
    'exit-code-from': Flags.string({
      description: 'end with the exit code of this service; implies --abort-on-container-exit',
      helpValue: 'SERVICE',
    }),
    attach: repeatable('show only what these services write'),
    'attach-dependencies': Flags.boolean({ description: 'show also what those write that they depend on' }),
    'no-attach': repeatable('do not show what these services write'),
    'no-color': Flags.boolean({ description: 'no colours' }),
    'no-log-prefix': Flags.boolean({ description: 'do not mark lines with the name of their container' }),
    timestamps: Flags.boolean({ description: 'show the time of each line' }),
    watch: Flags.boolean({
      ...{ char: 'w', description: 'bring what changes in the source to the containers, as "compose watch"' },
    }),
    yes: Flags.boolean({ char: 'y', description: 'answer yes to every question; none is asked' }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(ComposeUp);
    const named = argv.map(String);
    const isDetached = flags.detach || flags.wait || flags['no-start'] || flags['dry-run'];
    const aborts = flags['abort-on-container-exit'] || flags['exit-code-from'] !== undefined;
    if (isDetached && aborts) {
      throw flagsConflict('--detach cannot be combined with --abort-on-container-exit or --exit-code-from');
    }
    if (isDetached && flags.watch) {
      throw flagsConflict('--watch cannot be combined with --detach, --wait, --no-start or --dry-run');
    }
    const along = flags['no-deps'] ? 'none' : 'dependencies';
    const request = { services: named, along, timeout: flags.timeout } as const;
    const code = await this.withProject(flags, request, (open) =>
      upProject(open, {
        creation: creationOptions(flags, open, named),
        scales: parseScales('--scale', flags.scale ?? []),
        source: this.imageSource(open, { quietPull: flags['quiet-pull'] }),
        mode: flags['no-start'] ? 'create' : isDetached ? 'detached' : 'attached',
        wait: flags.wait,
        waitTimeout: flags['wait-timeout'],
        abortOn: aborts ? 'exit' : flags['abort-on-container-failure'] ? 'failure' : undefined,
        exitCodeFrom: flags['exit-code-from'],
        attached: this.attached(open.services, named, flags),
        timestamps: flags.timestamps,
        watch: flags.watch ? this.watching(open) : undefined,
        printer: { color: !flags['no-color'], prefix: !flags['no-log-prefix'] },
        ansi: open.settings.progress.ansi,
        ...{ stdio: this.stdio, takeSignals: () => this.takeSignals() },
      }),
    );
    if (code !== 0) this.exit(code);
  }

  private watching(open: OpenProject): ChangeRequest {
    const source = this.imageSource(open);
    return { source, prune: true, tell: (text) => this.print(watchLine(text)) };
  }

  private attached(
    services: readonly string[],
    named: readonly string[],
    flags: {
      readonly attach: readonly string[] | undefined;
      readonly 'no-attach': readonly string[] | undefined;
      readonly 'attach-dependencies': boolean;
    },
  ): readonly string[] {
    const all = named.length === 0 || flags['attach-dependencies'] ? services : named;
    const wanted = flags.attach && flags.attach.length > 0 ? flags.attach : all;
    return wanted.filter((service) => !flags['no-attach']?.includes(service));
  }
}
