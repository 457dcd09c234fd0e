import { resolve as absolute } from 'node:path';
import { errorMessage } from '../../shared/errors.js';
import type { JsonObject } from '../../shared/json.js';
import { sshUnreachable } from '../../ssh/errors.js';
import { resolveSshEndpoint } from '../../ssh/ssh-config.js';
import type { SshEndpoint } from '../../ssh/transport.js';
import type { CreateContext, Driver, InstanceStatus, OperationContext, PasswordLogin } from '../driver.js';
import { driverCannotPower, driverOptionInvalid } from '../errors.js';
import { readSshBanner } from './banner.js';
import { fromDockerMachine } from './docker-machine.js';
import type { SshOptions } from './options.js';
import { copyPrivateKey, readPrivateKey } from './private-key.js';

/** What the record keeps: the endpoint as the user's ssh_config said when the machine was made. */
export type SshInstance = RecordedEndpoint & {
  /** Port of the Docker API; for others to read. */
  readonly enginePort: number;
  /** Absent in records of before. */
  readonly passwordLogin?: {
    readonly passwordFile?: string;
    readonly sudoPasswordFile?: string;
    readonly save: boolean;
  };
};

type RecordedEndpoint = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly identityFiles: readonly string[];
  readonly jumpHosts: readonly RecordedEndpoint[];
};

const answerMs = 5_000;

/** Any Linux host that can be logged in to. It is adopted, not made: no power control, and removal leaves it. */
export class SshDriver implements Driver<SshOptions, SshInstance> {
  readonly controlsPower = false;
  readonly rebootsOverSsh = true;

  async preCreateCheck(options: SshOptions, context: OperationContext): Promise<void> {
    checkPort('ssh-port', options['ssh-port']);
    checkPort('ssh-engine-port', options['ssh-engine-port']);
    if (options['ssh-key'] !== undefined) await readPrivateKey(options['ssh-key']);
    const endpoint = await resolve(options, options['ssh-key']);
    if (endpoint.jumpHosts?.length) return; // only SSH itself can reach it
    await readSshBanner(endpoint.host, endpoint.port, within(answerMs, context.signal)).catch((cause) => {
      context.signal.throwIfAborted();
      throw sshUnreachable(endpoint, errorMessage(cause), cause);
    });
  }

  async create(options: SshOptions, context: CreateContext<SshInstance>): Promise<SshInstance> {
    context.signal.throwIfAborted();
    const key = options['ssh-key'] && (await copyPrivateKey(options['ssh-key'], context.directory));
    const endpoint = await resolve(options, key);
    const instance: SshInstance = {
      ...recorded(endpoint),
      enginePort: options['ssh-engine-port'],
      passwordLogin: passwordLoginOf(options),
    };
    await context.checkpoint(instance);
    return instance;
  }

  /** A host that does not answer may run all the same behind a broken network: it is never called stopped. */
  async inspect(instance: SshInstance, context: OperationContext): Promise<InstanceStatus> {
    if (instance.jumpHosts.length > 0) return { state: 'unknown', address: instance.host };
    try {
      await readSshBanner(instance.host, instance.port, within(answerMs, context.signal));
      return { state: 'running', address: instance.host };
    } catch {
      context.signal.throwIfAborted();
      return { state: 'unknown', address: instance.host };
    }
  }

  fromDockerMachine(theirs: JsonObject, identityFile: string | undefined) {
    return fromDockerMachine(theirs, identityFile);
  }

  async start(instance: SshInstance): Promise<SshInstance> {
    throw driverCannotPower('ssh', 'start', `switch "${instance.host}" on by other means`);
  }

  async stop(instance: SshInstance): Promise<SshInstance> {
    throw driverCannotPower('ssh', 'stop', loginHint(instance, 'shut it down'));
  }

  async kill(instance: SshInstance): Promise<SshInstance> {
    throw driverCannotPower('ssh', 'kill', loginHint(instance, 'shut it down'));
  }

  passwordLogin({ passwordLogin = { save: false } }: SshInstance): PasswordLogin {
    return passwordLogin;
  }

  /** Nothing at the provider: the host is the user's. */
  async remove(): Promise<void> {}

  sshEndpoint({ host, port, user, identityFiles, jumpHosts }: SshInstance): SshEndpoint {
    return { host, port, user, identityFiles, ...(jumpHosts.length > 0 && { jumpHosts }) };
  }
}

/** Paths are absolute: later commands may run elsewhere. */
function passwordLoginOf(options: SshOptions): PasswordLogin {
  const { 'ssh-password-file': password, 'ssh-sudo-password-file': sudo } = options;
  return {
    ...(password !== undefined && { passwordFile: absolute(password) }),
    ...(sudo !== undefined && { sudoPasswordFile: absolute(sudo) }),
    save: options['ssh-save-password'],
  };
}

async function resolve(options: SshOptions, key: string | undefined): Promise<SshEndpoint> {
  const user = options['ssh-user'];
  const port = options['ssh-port'];
  return resolveSshEndpoint(options['ssh-host'], {
    ...(user !== undefined && { user }),
    ...(port !== undefined && { port }),
    ...(key !== undefined && { identityFiles: [key] }),
  });
}

function recorded({ host, port, user, identityFiles, jumpHosts }: SshEndpoint): RecordedEndpoint {
  return { host, port, user, identityFiles, jumpHosts: (jumpHosts ?? []).map(recorded) };
}

function checkPort(flag: string, port: number | undefined): void {
  if (port === undefined || (Number.isInteger(port) && port >= 1 && port <= 65_535)) return;
  throw driverOptionInvalid(flag, String(port), 'is not a port', 'use a number from 1 to 65535');
}

function loginHint({ user, host, port }: SshInstance, purpose: string): string {
  return `log in with "ssh ${port === 22 ? '' : `-p ${port} `}${user}@${host}" and ${purpose} there`;
}

function within(milliseconds: number, signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]);
}
