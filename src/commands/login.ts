import { text } from 'node:stream/consumers';
import { Args, Flags } from '@oclif/core';
import { login } from '../api/client/registries.js';
import { EngineCommand, machineFlag } from '../cli/docker/engine-command.js';
import { authConfig } from '../cli/registry/credentials.js';
import { passwordNotGiven, usernameNotGiven } from '../cli/registry/errors.js';
import { registryServer } from '../cli/registry/registry-server.js';

export default class Login extends EngineCommand {
  static override summary = 'Log in to a registry';
  static override description =
    "The machine tries the login at the registry. It is kept where docker keeps its own when that is a credential helper, else in the keyring or a file that only you may read; never on the machine. docker's logins are used, too.";
  static override examples = [
    '<%= config.bin %> login registry.example.com',
    '<%= config.bin %> login -u alice --password-stdin registry.example.com <password-file',
  ];
  static override args = {
    server: Args.string({ description: 'REGISTRY[:PORT]; else Docker Hub', ignoreStdin: true }),
  };
  static override flags = {
    ...machineFlag,
    username: Flags.string({ char: 'u', description: 'user name; else it is asked for' }),
    'password-stdin': Flags.boolean({ description: 'read the password from STDIN' }),
  };

  async run(): Promise<{ readonly registry: string }> {
    const { args, flags } = await this.parse(Login);
    const server = registryServer(args.server ?? '');
    const credentials = await this.#ask(server, flags);
    using client = await this.engineClient(flags.machine);
    const token = await login(client, authConfig(server, credentials), this.signal);
    const kept = token === '' ? credentials : { identityToken: token };
    const place = await this.services.logins.set(server, kept, this.context());
    this.reporter.info(`the login is kept in ${place}`);
    this.log('Login Succeeded');
    return { registry: server };
  }

  /** Throws USERNAME_NOT_GIVEN, PASSWORD_NOT_GIVEN. */
  async #ask(
    server: string,
    flags: { readonly username: string | undefined; readonly 'password-stdin': boolean },
  ): Promise<{ readonly username: string; readonly password: string }> {
    const options = { again: true, signal: this.signal };
    const username =
      flags.username ?? (await this.prompt.ask(`User name at ${server}: `, { ...options, echo: true }));
    if (!username) throw usernameNotGiven();
    const password = flags['password-stdin']
      ? (await text(process.stdin)).replace(/\r?\n$/, '')
      : await this.prompt.ask('Password: ', { ...options, echo: false });
    if (!password) throw passwordNotGiven();
    return { username, password };
  }
}
