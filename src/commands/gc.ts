import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { confirm } from '../cli/confirm.js';
import { driverFlags, driverOptions, driverSecrets, namedDriver } from '../cli/driver-flags.js';
import { defaultScopes } from '../cli/driver-scopes.js';
import { confirmationNeeded } from '../cli/errors.js';
import { renderTable } from '../cli/table.js';
import type { FoundGarbage, GarbageSearch, Orphan } from '../machine/collect-garbage.js';
import { errorMessage, TsmachineError } from '../shared/errors.js';

interface Collected {
  readonly driver: string;
  readonly kind: string;
  readonly id: string;
  readonly ownerTag: string;
  readonly removed: boolean;
}

export default class Gc extends BaseCommand {
  static override summary = 'Remove what is left at providers and belongs to no machine';
  static override description =
    'Everything made for a machine carries a tag with this store in it. Each driver is asked for such things, at its defaults and wherever the machines of this store are; with --driver and its flags, there only.';
  static override examples = [
    '<%= config.bin %> gc --dry-run',
    '<%= config.bin %> gc --driver ec2 --ec2-region eu-west-1 -y',
  ];
  static override flags = {
    driver: Flags.string({ char: 'd', description: 'ask this driver only; its own flags say where to look' }),
    'dry-run': Flags.boolean({ description: 'show what would be removed' }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
  };

  async run(): Promise<readonly Collected[]> {
    const { search, dryRun, yes } = await this.read();
    const found = await this.machines.findGarbage(search, this.context());
    this.reporter.close('done');
    this.tell(found);
    const { orphans } = found;
    if (orphans.length === 0) this.logToStderr('nothing is left over');
    else this.print(renderTable([['KIND', 'ID', 'DRIVER', 'TAG'], ...orphans.map(row)]));
    if (dryRun || orphans.length === 0) return orphans.map((orphan) => outcome(orphan, false));
    if (!yes && !(await this.isConfirmed(orphans))) {
      this.logToStderr('nothing was removed');
      return this.exit(1);
    }
    return this.removeAll(orphans);
  }

  private async read(): Promise<{ search: GarbageSearch; dryRun: boolean; yes: boolean }> {
    const drivers = await this.services.drivers();
    const named = namedDriver(this.argv);
    const definition = named === undefined ? undefined : await drivers.get(named);
    const { flags } = await this.parse({
      baseFlags: Gc.baseFlags,
      enableJsonFlag: true,
      flags: { ...Gc.flags, ...(definition && driverFlags(definition, this.environment)) },
    });
    const scopes = definition
      ? [
          {
            driver: definition.name,
            options: driverOptions(definition, flags),
            secrets: driverSecrets(definition, flags),
          },
        ]
      : await defaultScopes(drivers, this.environment, this.reporter);
    return {
      search: { scopes, only: definition !== undefined },
      dryRun: flags['dry-run'],
      yes: flags.yes,
    };
  }

  private tell({ unreadable, unsearched }: FoundGarbage): void {
    for (const { driver, reason } of unsearched)
      this.reporter.warn(`driver ${driver} was not searched: ${reason}`);
    for (const name of unreadable) this.reporter.warn(`the record of machine "${name}" cannot be read`);
  }

  private async isConfirmed(orphans: readonly Orphan[]): Promise<boolean> {
    if (!process.stdin.isTTY) throw confirmationNeeded(orphans.map(({ id }) => id));
    return confirm(`About to remove ${orphans.length} of these. Are you sure?`, this.signal);
  }

  /** In the drivers' order, since one thing may be used by another; a failure does not stop the rest. */
  private async removeAll(orphans: readonly Orphan[]): Promise<readonly Collected[]> {
    const failures: string[] = [];
    const outcomes: Collected[] = [];
    for (const orphan of orphans) {
      try {
        await this.machines.removeOrphan(orphan, this.context());
        outcomes.push(outcome(orphan, true));
      } catch (error) {
        this.signal.throwIfAborted();
        failures.push(`${orphan.kind} "${orphan.id}": ${errorMessage(error)}`);
      }
    }
    this.reporter.close(failures.length > 0 ? 'failed' : 'done');
    if (failures.length > 0) throw notRemoved(failures);
    this.log(`removed ${outcomes.length}`);
    return outcomes;
  }
}

function row({ kind, id, driver, ownerTag }: Orphan): readonly string[] {
  return [kind, id, driver, ownerTag];
}

function outcome({ driver, kind, id, ownerTag }: Orphan, removed: boolean): Collected {
  return { driver, kind, id, ownerTag, removed };
}

function notRemoved(failures: readonly string[]): TsmachineError {
  return new TsmachineError('unavailable', 'GARBAGE_NOT_REMOVED', [...new Set(failures)].join('\n'), {
    hints: ['run "tsmachine gc" again'],
  });
}
