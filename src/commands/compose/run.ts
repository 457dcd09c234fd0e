import { Flags } from '@oclif/core';
import { startContainer } from '../../api/client/containers.js';
import { composeFlags } from '../../cli/compose/flags.js';
import { ProjectCommand } from '../../cli/compose/project-command.js';
import { oneOffService, runFlags } from '../../cli/compose/run-service.js';
import { orphanPolicy } from '../../cli/compose/settings.js';
import { attachToContainer } from '../../cli/docker/attach-to-container.js';
import { argumentMissing } from '../../cli/docker/errors.js';
import { runExitStatus } from '../../cli/docker/exit-status.js';
import { splitWords } from '../../cli/docker/own-words.js';
import { createOneOff } from '../../compose/engine/create-one-off.js';

export default class ComposeRun extends ProjectCommand {
  static override summary = 'Run a command once in a new container of a service';
  static override description =
    'With its networks, volumes and environment, but not its ports unless -P is given; what it depends on is started first. Ends with the exit code of the command.';
  static override examples = [
    '<%= config.bin %> compose run --rm web npm test',
    '<%= config.bin %> compose run --rm --no-deps -e DEBUG=1 -T worker ./migrate',
  ];
  static override usage = 'compose run [FLAGS] SERVICE [COMMAND] [ARG…]';
  static override strict = false;
  static passThrough = true;
  static override flags = {
    ...composeFlags,
    ...runFlags,
    build: Flags.boolean({ description: 'build images before' }),
    'quiet-pull': Flags.boolean({ description: 'show nothing of what pulls do' }),
    'no-deps': Flags.boolean({ description: 'do not start what the service depends on' }),
    'remove-orphans': Flags.boolean({
      description: 'remove containers of services that the files do not have',
    }),
  };

  async run(): Promise<void> {
    const { flags: own, words } = splitWords(this.argv, { ...ComposeRun.baseFlags, ...ComposeRun.flags });
    const { flags } = await this.parse(ComposeRun, own);
    const [name, ...command] = words;
    if (name === undefined) throw argumentMissing('the service', ComposeRun.usage);
    const along = flags['no-deps'] ? 'none' : 'dependencies';
    const code = await this.withProject(flags, { services: [name], along }, async (open) => {
      const tty =
        !flags['no-TTY'] &&
        !flags.detach &&
        this.stdio.stdin.isTTY === true &&
        this.stdio.stdout.isTTY === true;
      const service = await oneOffService(open, name, { flags, command, tty, environment: this.environment });
      const others = open.services.filter((other) => other !== name);
      const oneOff = await createOneOff(open, this.imageSource(open, { quietPull: flags['quiet-pull'] }), {
        ...{ service, name: flags.name, autoRemove: flags.rm, useAliases: flags['use-aliases'] },
        attachStdin: !flags.detach && flags.interactive,
        creation: {
          ...{ services: others, policyOf: () => 'diverged', renewVolumes: false },
          orphans: orphanPolicy(flags['remove-orphans'], open.settings),
          images: { pull: undefined, build: flags.build ? 'always' : 'missing' },
        },
      });
      open.progress.close();
      const client = open.fleet.client(oneOff.machine);
      if (flags.detach) {
        await startContainer(client, oneOff.id, open.signal);
        this.print(`${oneOff.id}\n`);
        return 0;
      }
      const { stdio, signal } = this;
      return await attachToContainer(
        { client, stdio, signal, takeSignals: () => this.takeSignals() },
        {
          ...{ container: oneOff.id, stdin: flags.interactive, sigProxy: true, start: true },
          detachKeys: await this.detachKeys(),
        },
      );
    });
    if (code !== 0) this.exit(code);
  }

  protected override exitCode(error: unknown): number {
    const status = runExitStatus(error);
    return status === 125 || this.signal.aborted ? super.exitCode(error) : status;
  }
}
