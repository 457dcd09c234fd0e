import { styleText } from 'node:util';
import { Args } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { renderTable } from '../cli/table.js';
import type { Finding } from '../machine/doctor/finding.js';

export default class Doctor extends BaseCommand {
  static override summary = 'Look for what is wrong with this computer, the store and machines';
  static override description =
    'Changes nothing, and says for each thing that is not as it should be what to do. Without names it looks at all machines. Exits with 1 when something fails.';
  static override examples = ['<%= config.bin %> doctor', '<%= config.bin %> doctor web --json'];
  static override strict = false;
  static override args = { machine: Args.string({ description: 'machines', ignoreStdin: true }) };

  async run(): Promise<readonly Finding[]> {
    const { argv } = await this.parse(Doctor);
    for (const name of argv.map(String)) await this.machines.assertExists(name);
    const names = argv.length > 0 ? argv.map(String) : await this.machines.names();
    const findings = await this.machines.diagnose(names, this.context());
    const rows = findings.map(({ state, subject, check, detail }) => [marks[state], subject, check, detail]);
    this.print(renderTable([['', 'WHAT', 'CHECK', 'FOUND'], ...rows]));
    for (const { hint, subject, check } of findings) {
      if (hint !== undefined) this.log(`${styleText('bold', `${subject}, ${check}`)}: ${hint}`);
    }
    if (findings.some(({ state }) => state === 'failure')) process.exitCode = 1;
    return findings;
  }
}

const marks = { ok: 'ok', warning: 'warning', failure: 'FAILURE' } as const;
