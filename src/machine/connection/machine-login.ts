import { readFile } from 'node:fs/promises';
import type { PasswordLogin } from '../../drivers/driver.js';
import { errorMessage } from '../../shared/errors.js';
import { address } from '../../ssh/errors.js';
import type { Asking, LoginSecrets, SshEndpoint } from '../../ssh/transport.js';
import type { MachineDependencies } from '../dependencies.js';
import type { GivenSecrets } from '../secrets/secret-readers.js';
import type { MachineRecord } from '../store/record.js';
import { passwordFileUnreadable } from './errors.js';

/** How often somebody at a terminal may mistype. */
const tries = 3;

/** A secret that a login may need, and where it may come from before anybody is asked. */
interface Wanted {
  /** Its name in the machine's record. */
  readonly option: string;
  readonly question: string;
  readonly echo?: boolean;
  readonly candidates: readonly (() => Promise<string | undefined>)[];
}

/**
 * The secrets of a login to one machine: what was kept, then the file that was named, then the environment, and at last
 * the user at the terminal, once for each.
 */
export class MachineLogin implements LoginSecrets {
  readonly #deps: MachineDependencies;
  readonly #machine: MachineRecord;
  readonly #target: SshEndpoint;
  readonly #settings: PasswordLogin | undefined;
  readonly #typed = new Map<string, string>();
  #loginPassword: string | undefined;

  /** `settings` are absent for hosts that were made with a key of ours. */
  constructor(
    deps: MachineDependencies,
    machine: MachineRecord,
    target: SshEndpoint,
    settings: PasswordLogin | undefined,
  ) {
    this.#deps = deps;
    this.#machine = machine;
    this.#target = target;
    this.#settings = settings;
  }

  get passwords(): boolean {
    return this.#settings !== undefined;
  }

  readonly advice = [
    'give a password with --ssh-password-file or TSMACHINE_SSH_PASSWORD, a passphrase with TSMACHINE_SSH_PASSPHRASE',
  ];

  /** What the user typed and asked to be kept; to be read after it has proved right. */
  get toKeep(): GivenSecrets {
    return this.#settings?.save ? Object.fromEntries(this.#typed) : {};
  }

  async password(endpoint: SshEndpoint, asking: Asking): Promise<string | undefined> {
    const password = await this.#find(this.#passwordOf(endpoint, `Password of ${who(endpoint)}: `), asking);
    if (endpoint === this.#target) this.#loginPassword = password;
    return password;
  }

  async answer(
    endpoint: SshEndpoint,
    { text, echo }: { readonly text: string; readonly echo: boolean },
    asking: Asking,
  ): Promise<string | undefined> {
    const question = `(${who(endpoint)}) ${text}`;
    if (!echo && /password/i.test(text)) {
      const password = await this.#find(this.#passwordOf(endpoint, question), asking);
      if (endpoint === this.#target) this.#loginPassword = password;
      return password;
    }
    // A code of the moment: neither kept nor given twice.
    return this.#deps.prompt.ask(question, { echo, again: true, signal: asking.signal });
  }

  passphrase(keyFile: string, asking: Asking): Promise<string | undefined> {
    const option = `passphrase ${keyFile}`;
    const candidates = [this.#kept(option), this.#environment('TSMACHINE_SSH_PASSPHRASE')];
    return this.#find({ option, question: `Passphrase of "${keyFile}": `, candidates }, asking);
  }

  sudoPassword(endpoint: SshEndpoint, asking: Asking): Promise<string | undefined> {
    const candidates = [
      this.#kept('sudo-password'),
      this.#file('ssh-sudo-password-file', this.#settings?.sudoPasswordFile),
      this.#environment('TSMACHINE_SUDO_PASSWORD'),
      async () => this.#loginPassword,
    ];
    const question = `Password of ${who(endpoint)} for sudo: `;
    return this.#find({ option: 'sudo-password', question, candidates }, asking);
  }

  #passwordOf(endpoint: SshEndpoint, question: string): Wanted {
    if (endpoint !== this.#target) {
      const option = `ssh-password ${who(endpoint)}`;
      return { option, question, candidates: [this.#kept(option)] };
    }
    const candidates = [
      this.#kept('ssh-password'),
      this.#file('ssh-password-file', this.#settings?.passwordFile),
      this.#environment('TSMACHINE_SSH_PASSWORD'),
    ];
    return { option: 'ssh-password', question, candidates };
  }

  async #find(wanted: Wanted, { attempt, signal }: Asking): Promise<string | undefined> {
    const found = await Promise.all(wanted.candidates.map((candidate) => candidate()));
    const known = [...new Set(found.filter((value) => value !== undefined))];
    if (attempt <= known.length) return known[attempt - 1];
    const asked = attempt - known.length;
    if (asked > tries) return undefined;
    const { question, echo = false } = wanted;
    const answer = await this.#deps.prompt.ask(question, { echo, again: asked > 1, signal });
    if (answer !== undefined) this.#typed.set(wanted.option, answer);
    return answer;
  }

  #kept(option: string): () => Promise<string | undefined> {
    const reference = this.#machine.secrets?.[option];
    return async () => (reference === undefined ? undefined : this.#deps.secrets.get(reference));
  }

  #environment(variable: string): () => Promise<string | undefined> {
    return async () => this.#deps.environment[variable] || undefined;
  }

  #file(flag: string, path: string | undefined): () => Promise<string | undefined> {
    return async () => {
      if (path === undefined) return undefined;
      const text = await readFile(path, 'utf8').catch((cause) => {
        throw passwordFileUnreadable(flag, path, errorMessage(cause));
      });
      return text.split(/\r?\n/)[0];
    };
  }
}

function who({ user, host, port }: SshEndpoint): string {
  return port === 22 ? `${user}@${host}` : `${user}@${address({ host, port })}`;
}
