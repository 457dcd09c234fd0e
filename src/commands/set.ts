import { Flags } from '@oclif/core';
import { changes, memoryMiB, numberOfCpus } from '../cli/changes.js';
import { nothingToChange } from '../cli/errors.js';
import { repeatable } from '../cli/flags.js';
import { MachineCommand, type MachineOutcome, machineArguments } from '../cli/machine-command.js';
import type { ChangeOutcome, MachineChange } from '../machine/power/change-machine.js';

const words: Readonly<Record<keyof MachineChange, string>> = {
  memoryMiB: 'memory',
  cpus: 'cpus',
  tags: 'tags',
  labels: 'labels',
};

export default class SetMachine extends MachineCommand {
  static override summary = "Change machines: their hosts' sizes and tags, their engines' labels";
  static override description =
    'Says what comes into force only when the host is started again; --restart does that at once. Labels need no restart of the host, and no container notices.';
  static override examples = [
    '<%= config.bin %> set --memory 4g --cpus 2 --restart web',
    '<%= config.bin %> set --label stage=test --remove-label old web db',
  ];
  static override args = machineArguments;
  static override strict = false;
  static override flags = {
    memory: Flags.string({ description: 'memory of the host, such as 4g' }),
    cpus: Flags.string({ description: 'processors of the host' }),
    tag: repeatable("the provider's tag of the host, KEY=VALUE"),
    'remove-tag': repeatable('KEY of a tag that is to go'),
    label: repeatable('label of the engine, KEY=VALUE'),
    'remove-label': repeatable('KEY of a label that is to go'),
    restart: Flags.boolean({ description: 'restart the host where a change needs it' }),
  };

  async run(): Promise<readonly MachineOutcome<ChangeOutcome>[]> {
    const { argv, flags } = await this.parse(SetMachine);
    const tags = changes('tag', flags.tag, flags['remove-tag']);
    const labels = changes('label', flags.label, flags['remove-label']);
    const change: MachineChange = {
      ...(flags.memory !== undefined && { memoryMiB: memoryMiB(flags.memory) }),
      ...(flags.cpus !== undefined && { cpus: numberOfCpus(flags.cpus) }),
      ...(tags && { tags }),
      ...(labels && { labels }),
    };
    if (Object.keys(change).length === 0) throw nothingToChange();
    const outcomes = await this.forEachMachine(this.machineNames(argv), (name, context) =>
      this.machines.change(name, change, { restart: flags.restart }, context),
    );
    this.reporter.close('done');
    for (const outcome of outcomes) this.tell(outcome);
    return outcomes;
  }

  private tell({ machine, result: { applied, pending } }: MachineOutcome<ChangeOutcome>): void {
    const said = (keys: readonly (keyof MachineChange)[]) => keys.map((key) => words[key]).join(', ');
    if (applied.length > 0) this.log(`machine "${machine}": ${said(applied)} changed`);
    const restart = pending.filter((key) => key !== 'labels');
    if (restart.length > 0) {
      this.log(`machine "${machine}": ${said(restart)} will change when it is restarted`);
      this.log(`  › tsmachine restart ${machine}`);
    }
    if (!pending.includes('labels')) return;
    this.log(`machine "${machine}": labels will change when it is provisioned`);
    this.log(`  › tsmachine start ${machine} && tsmachine provision ${machine}`);
  }
}
