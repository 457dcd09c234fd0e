import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { type ForwardPlan, planForwards } from '../cli/forward-plan.js';
import type { ForwardEvents } from '../machine/forward/auto-forward.js';

export default class Forward extends BaseCommand {
  static override summary = 'Reach ports of machines on this computer, through SSH';
  static override description =
    'Behind a machine come its ports, as [LOCAL:]REMOTE. With --auto each port that a container publishes appears here under its number, as it is published, and goes with the container. Goes on until Ctrl-C; a connection that is lost is made again. SSH carries TCP only.';
  static override examples = [
    '<%= config.bin %> forward web 8080:80 5432',
    '<%= config.bin %> forward web 8080:80 db 5432',
    '<%= config.bin %> forward --auto',
    '<%= config.bin %> forward --auto --all-machines',
  ];
  static override enableJsonFlag = false;
  static override strict = false;
  static override args = {
    machine: Args.string({
      ...{ description: 'machines, each with its ports; else the active one', ignoreStdin: true },
    }),
  };
  static override flags = {
    auto: Flags.boolean({ description: 'forward what is published, as it is published' }),
    'all-machines': Flags.boolean({
      ...{ description: 'of all machines but those that are stopped', dependsOn: ['auto'] },
    }),
    address: Flags.string({ description: 'address to listen on', default: '127.0.0.1', helpValue: 'IP' }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Forward);
    const all = flags['all-machines'] ? await this.machines.runningNames() : [];
    const around = { storage: this.storage, environment: this.environment };
    const plans = planForwards([...argv.map(String), ...all], flags.auto, around);
    const stop = new AbortController();
    const signal = AbortSignal.any([this.signal, stop.signal]);
    try {
      await Promise.all(plans.map((plan) => this.forward(plan, flags.address, signal, plans.length > 1)));
    } catch (error) {
      stop.abort();
      if (!this.signal.aborted) throw error;
    }
  }

  private async forward(plan: ForwardPlan, address: string, signal: AbortSignal, several: boolean) {
    const { machine, ports } = plan;
    const request = { ports, address, events: this.events(machine, address) };
    try {
      await this.machines.forward(machine, request, { ...this.context(), signal });
    } catch (error) {
      // One machine of several that cannot be reached is no reason to let go of the others.
      if (ports || !several || signal.aborted) throw error;
      this.complain(error);
    }
  }

  private events(machine: string, address: string): ForwardEvents {
    const host = address.includes(':') ? `[${address}]` : address;
    const ofContainer = (container: string | undefined) => (container === undefined ? '' : ` (${container})`);
    return {
      opened: ({ local, remote }, container) =>
        this.log(`${host}:${local} -> ${machine}:${remote}${ofContainer(container)}`),
      closed: ({ local }, container) => this.log(`${host}:${local} closed${ofContainer(container)}`),
      refused: (message) => this.logToStderr(`${machine}: ${message}`),
    };
  }
}
