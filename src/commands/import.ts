import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { notImportable } from '../cli/errors.js';
import { renderTable } from '../cli/table.js';
import type { ImportRow } from '../machine/share/import-docker-machine.js';

export default class Import extends BaseCommand {
  static override summary = "Take machines from docker-machine's store, or one from a file";
  static override description =
    'PATH is a store of docker-machine (usually ~/.docker/machine), which is only read, or a file that "export" wrote.';
  static override examples = [
    '<%= config.bin %> import --dry-run ~/.docker/machine',
    '<%= config.bin %> import web-for-alice.tar',
  ];
  static override args = { path: Args.string({ required: true, description: 'store or file' }) };
  static override flags = {
    name: Flags.string({ description: 'another name for the machine in the file' }),
    'dry-run': Flags.boolean({ description: 'show what would be imported' }),
  };

  async run(): Promise<readonly ImportRow[]> {
    const { args, flags } = await this.parse(Import);
    const path = resolve(args.path);
    const found = await stat(path).catch((cause: unknown) => {
      throw notImportable(args.path, cause);
    });
    if (found.isDirectory()) return this.importStore(path, flags['dry-run']);
    return this.importFile(path, flags.name, flags['dry-run']);
  }

  private async importFile(
    path: string,
    name: string | undefined,
    dryRun: boolean,
  ): Promise<readonly ImportRow[]> {
    const record = dryRun
      ? await this.machines.readFile(path)
      : await this.machines.importFile(path, name, this.context());
    const row = { name: name ?? record.name, driver: record.driver.name, as: record.driver.name, note: '' };
    if (dryRun) this.print(table([row]));
    else this.log(`machine "${record.name}" is ready`);
    return [row];
  }

  private async importStore(path: string, dryRun: boolean): Promise<readonly ImportRow[]> {
    const plan = await this.machines.planDockerMachineImport(path);
    this.print(table(plan.rows));
    if (!dryRun) {
      const imported = await this.machines.importFromDockerMachine(plan, this.context());
      this.reporter.close('done');
      this.log(`imported ${imported.length} of ${plan.rows.length}`);
    }
    return plan.rows.map(({ name, driver, as, note }) => ({
      name,
      driver,
      note,
      ...(as !== undefined && { as }),
    }));
  }
}

function table(rows: readonly ImportRow[]): string {
  const lines = rows.map(({ name, driver, as, note }) => [name, driver, as ?? '-', note]);
  return renderTable([['NAME', 'DRIVER', 'BECOMES', 'NOTE'], ...lines]);
}
