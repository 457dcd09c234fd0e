import { Flags } from '@oclif/core';
import { EngineClient } from '../../api/client/engine-client.js';
import { isTsmachineError } from '../../shared/errors.js';
import { BaseCommand } from '../base-command.js';
import type { Stdio } from './stdio.js';

/** `-m` everywhere but on `run`, where it is the memory, as with docker. */
export const machineFlag = {
  machine: Flags.string({
    char: 'm',
    description: 'machine to work on; else the active one',
    helpValue: 'NAME',
  }),
};

const { char: _char, ...storagePath } = BaseCommand.baseFlags['storage-path'];

/** A command that talks to a machine's engine. */
export abstract class EngineCommand extends BaseCommand {
  /** `-s` is docker's here (--size, --signal); before the command it is the store's everywhere. */
  static override baseFlags = { ...BaseCommand.baseFlags, 'storage-path': storagePath };

  protected get stdio(): Stdio {
    return process;
  }

  /** Of the named machine, or the active one; disposed by the caller. Throws NO_ACTIVE_MACHINE, MACHINE_NOT_RUNNING. */
  protected async engineClient(machine: string | undefined): Promise<EngineClient> {
    return new EngineClient(await this.engineEndpoint(machine));
  }

  /** 1 for whatever the engine refuses, as with docker. */
  protected override exitCode(error: unknown): number {
    return isTsmachineError(error) && error.code === 'ENGINE_ERROR' ? 1 : super.exitCode(error);
  }
}
