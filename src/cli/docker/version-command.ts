import { Flags } from '@oclif/core';
import { EngineClient } from '../../api/client/engine-client.js';
import { activeMachine } from '../../machine/store/access.js';
import { formatRows } from '../format-template.js';
import { EngineCommand, machineFlag } from './engine-command.js';
import { askVersion, type VersionAnswer, versionText } from './version-answer.js';

export const versionFlags = {
  ...machineFlag,
  format: Flags.string({ char: 'f', description: 'json, or a Go template over the keys of the JSON' }),
};

/** A command that tells both sides' versions, as docker's `version` does. */
export abstract class VersionCommand extends EngineCommand {
  /** What the engine's side fails with is thrown when the rest was printed. */
  protected async showVersions(flags: {
    readonly machine?: string | undefined;
    readonly format?: string | undefined;
  }): Promise<VersionAnswer> {
    const machine = flags.machine ?? activeMachine(this.storage, this.environment);
    using client = new EngineClient(await this.engineEndpoint(machine));
    const { answer, failure } = await askVersion(client, machine, this.signal);
    const text =
      flags.format === undefined
        ? versionText(answer)
        : formatRows(flags.format, [answer], { lenient: true });
    if (failure === undefined || flags.format === undefined) this.print(text);
    if (failure !== undefined) throw failure;
    return answer;
  }
}
