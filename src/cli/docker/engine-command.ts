import { Flags } from '@oclif/core';
import { EngineClient } from '../../api/client/engine-client.js';
import { BaseCommand } from '../base-command.js';
import { dockerConfigDirectory } from '../docker-config-directory.js';
import { authConfig, encodeHeader } from '../registry/credentials.js';
import { registryOfImage, registryServer } from '../registry/registry-server.js';
import { parseDetachKeys } from './detach-keys.js';
import { dockerExitCode } from './exit-status.js';
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

  /** The header X-Registry-Auth for an image's registry; an empty object where there is no login. */
  protected async registryAuthorization(image: string): Promise<string> {
    const server = registryOfImage(image);
    return encodeHeader(authConfig(server, await this.services.logins.get(server, this.signal)));
  }

  /** The header X-Registry-Config: every login there is. */
  protected async registryConfiguration(): Promise<string> {
    const logins = await this.services.logins.all(this.signal);
    return encodeHeader(
      Object.fromEntries([...logins].map(([server, login]) => [server, authConfig(server, login)])),
    );
  }

  /** Those of the flag, else of docker's configuration file, else docker's own. Throws FLAG_INVALID. */
  protected async detachKeys(flag?: string): Promise<Buffer> {
    if (flag) return parseDetachKeys(flag);
    const { readDockerConfig } = await import('../registry/docker-config.js');
    // A file that cannot be read is said where logins are needed.
    const config = await readDockerConfig(dockerConfigDirectory(this.environment)).catch(() => undefined);
    return parseDetachKeys(config?.detachKeys, "detachKeys of docker's configuration file");
  }

  /** What builds may use of this computer. */
  protected async buildSurroundings(): Promise<{
    readonly environment: NodeJS.ProcessEnv;
    readonly seed: string;
    login(host: string): Promise<{ readonly username: string; readonly secret: string } | undefined>;
  }> {
    const { buildSeed } = await import('./build/session/build-seed.js');
    return {
      environment: this.environment,
      seed: await buildSeed(this.storage),
      login: async (host) => {
        const found = await this.services.logins.get(registryServer(host), this.signal);
        if (!found) return undefined;
        if ('identityToken' in found) return { username: '', secret: found.identityToken };
        return { username: found.username, secret: found.password };
      },
    };
  }

  /** Of the named machine, or the active one; disposed by the caller. Throws NO_ACTIVE_MACHINE, MACHINE_NOT_RUNNING. */
  protected async engineClient(machine: string | undefined): Promise<EngineClient> {
    return new EngineClient(await this.engineEndpoint(machine));
  }

  protected override exitCode(error: unknown): number {
    return dockerExitCode(error) ?? super.exitCode(error);
  }
}
