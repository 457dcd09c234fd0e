import type { Interfaces } from '@oclif/core';
import { Command, Flags } from '@oclif/core';
import type { MachineContext, SecretPrompt } from '../machine/dependencies.js';
import type { EngineEndpoint } from '../machine/engine/engine-client.js';
import { interrupted } from '../machine/errors.js';
import type { MachineService } from '../machine/machine-service.js';
import { activeMachine } from '../machine/store/access.js';
import { storagePath } from '../machine/store/storage.js';
import { isTsmachineError } from '../shared/errors.js';
import type { JsonObject } from '../shared/json.js';
import { ConsoleReporter } from './console-reporter.js';
import { dockerMachineFlags, refuseForeignCertificates } from './docker-machine-flags.js';
import { driverPlugins } from './driver-plugins.js';
import { errorJson, renderError } from './error-output.js';
import { exitCodeOf, failAsUsage } from './exit-code.js';
import { secretStoreChoice, secretStoreChoices } from './secret-store-choice.js';
import { createServices, type Services } from './services.js';
import { TerminalPrompt } from './terminal-prompt.js';

type Parsed = Record<string, unknown>;

/**
 * What every command has: services, a signal that Ctrl-C aborts, a reporter on stderr, errors with hints, exit codes.
 * A command parses, calls one method of a service and prints; results go to stdout through `log` or as `--json`.
 */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;
  static override baseFlags = {
    'storage-path': Flags.string({
      char: 's',
      description: 'where machines are stored [env: TSMACHINE_STORAGE_PATH, MACHINE_STORAGE_PATH]',
      helpGroup: 'GLOBAL',
      helpValue: 'DIR',
    }),
    'secret-store': Flags.option({ options: secretStoreChoices })({
      description:
        'where new secrets are kept: the keyring, files, or what there is [env: TSMACHINE_SECRET_STORE]',
      helpGroup: 'GLOBAL',
    }),
    debug: Flags.boolean({ char: 'D', description: 'show what is done in detail', helpGroup: 'GLOBAL' }),
    ...dockerMachineFlags,
  };

  readonly #abort = new AbortController();
  #interruptedBy: NodeJS.Signals | undefined;
  #storage: string | undefined;
  #secretStore: string | undefined = process.env['TSMACHINE_SECRET_STORE'] || undefined;
  #debug = isOn(process.env['TSMACHINE_DEBUG'] ?? process.env['MACHINE_DEBUG']);
  #services: Services | undefined;
  #prompt: SecretPrompt | undefined;
  #reporter: ConsoleReporter | undefined;

  /** Aborted by Ctrl-C and SIGTERM; a second one ends the process at once. */
  protected get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Ctrl-C is how this command ends, of which nothing is said. */
  protected get endsWithInterrupt(): boolean {
    return false;
  }

  /** 128 + n of the signal that has aborted `signal`. */
  protected get interruptCode(): number {
    return this.#interruptedBy === 'SIGTERM' ? 143 : 130;
  }

  protected get machines(): MachineService {
    return this.services.machines;
  }

  protected get services(): Services {
    this.#services ??= this.createServices(this.storage);
    return this.#services;
  }

  /** Absolute path of the store; known once the flags were parsed. */
  protected get storage(): string {
    return storagePath(this.#storage, this.environment);
  }

  protected get environment(): NodeJS.ProcessEnv {
    return process.env;
  }

  protected get reporter(): ConsoleReporter {
    this.#reporter ??= new ConsoleReporter({ stream: process.stderr, debug: this.#debug });
    return this.#reporter;
  }

  /** For one call of a use case; with a name, for when several machines report at the same time. */
  protected context(machine?: string): MachineContext {
    const reporter = machine === undefined ? this.reporter : this.reporter.for(machine);
    return { signal: this.signal, reporter };
  }

  /** Of the machine with this name, or else of the active one. Throws NO_ACTIVE_MACHINE, MACHINE_NOT_RUNNING. */
  protected engineEndpoint(machine: string | undefined): Promise<EngineEndpoint> {
    return this.machines.engine(machine ?? activeMachine(this.storage, this.environment));
  }

  /** Asks for secrets, without a spinner in between. */
  protected get prompt(): SecretPrompt {
    this.#prompt ??= new TerminalPrompt(() => this.reporter.pause());
    return this.#prompt;
  }

  /** The only place that tests replace. */
  protected createServices(storage: string): Services {
    return createServices({
      storage,
      prompt: this.prompt,
      secretStore: secretStoreChoice(this.#secretStore),
      plugins: () => driverPlugins(this.config.dataDir),
    });
  }

  /** Without oclif's own, which looks for deprecated commands: there are none. */
  protected override async init(): Promise<void> {
    process.on('SIGINT', this.#interrupt);
    process.on('SIGTERM', this.#interrupt);
  }

  protected override async parse<F extends Parsed, B extends Parsed, A extends Parsed>(
    options?: Interfaces.Input<F, B, A>,
    argv?: string[],
  ): Promise<Interfaces.ParserOutput<F, B, A>> {
    const parsed = await super.parse(options && withInherited(options), argv).catch(failAsUsage);
    const { 'storage-path': storage, 'secret-store': secretStore, debug } = parsed.flags as Parsed;
    if (typeof secretStore === 'string') this.#secretStore = secretStore;
    if (typeof storage === 'string') {
      this.#storage = storage;
      this.#services = undefined; // what was made before belongs to another store
    }
    if (debug === true) this.#debug = true;
    refuseForeignCertificates(parsed.flags as Parsed, this.environment);
    return parsed;
  }

  /** Prints the error in its place and ends with its exit code. */
  protected override async catch(error: unknown): Promise<never> {
    this.#reporter?.close('failed');
    if (isExit(error)) throw error;
    if (this.endsWithInterrupt && this.signal.aborted) return this.exit(this.interruptCode);
    const shown = this.signal.aborted && !isTsmachineError(error) ? interrupted(`"${this.id}"`, []) : error;
    if (this.jsonEnabled()) this.logJson(this.toErrorJson(shown));
    else process.stderr.write(renderError(shown, { debug: this.#debug }));
    return this.exit(this.exitCode(shown));
  }

  /** Says on stderr what failed while the rest goes on; the exit code will tell. */
  protected complain(error: unknown): void {
    process.stderr.write(renderError(error, { debug: this.#debug }));
    process.exitCode = this.exitCode(error);
  }

  /** Runs the command to its end; a failure was printed when this throws. */
  start(): Promise<unknown> {
    return this._run();
  }

  /** From here on SIGINT and SIGTERM are the command's own business; `signal` is not aborted by them any more. */
  protected takeSignals(): void {
    process.off('SIGINT', this.#interrupt);
    process.off('SIGTERM', this.#interrupt);
  }

  protected exitCode(error: unknown): number {
    return exitCodeOf(error);
  }

  /** Text that ends with a newline already, or is empty; nothing with --json. */
  protected print(text: string): void {
    if (text !== '' && !this.jsonEnabled()) process.stdout.write(text);
  }

  protected override async finally(error: Error | undefined): Promise<void> {
    this.#reporter?.close('done');
    this.takeSignals();
    await super.finally(error);
  }

  /** oclif's own would print the whole context of the parser. */
  protected override toErrorJson(error: unknown): JsonObject {
    return errorJson(error);
  }

  readonly #interrupt = (signal: NodeJS.Signals): void => {
    if (this.#abort.signal.aborted) process.exit(130);
    this.#interruptedBy = signal;
    this.#abort.abort(interrupted(`"${this.id}"`, []));
  };
}

/** `this.exit(…)`: everything has been said already. */
function isExit(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIT';
}

/** As Go's ParseBool, except that a bad value does not end the program. */
function isOn(value: string | undefined): boolean {
  return ['1', 't', 'true'].includes((value ?? '').toLowerCase());
}

/** oclif copies what a class has itself, and so would lose what it inherits. */
function withInherited<I extends object>(input: I): I {
  const names = ['args', 'flags', 'baseFlags', 'enableJsonFlag', 'strict'] as const;
  const inherited = names.flatMap((name) => {
    const value: unknown = Reflect.get(input, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...input, ...Object.fromEntries(inherited) };
}
