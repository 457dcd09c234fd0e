import type { Identity } from './identities.js';
import type { Asking, LoginSecrets, SshEndpoint } from './transport.js';

/** What to try next. `agent` is the index of a key that ssh-agent holds. */
export type LoginStep =
  | { readonly kind: 'none' }
  | { readonly kind: 'key'; readonly identity: Identity; readonly passphrase?: string }
  | { readonly kind: 'agent'; readonly key: number }
  | { readonly kind: 'password'; readonly password: string }
  | { readonly kind: 'questions'; readonly attempt: number };

export interface LoginMeans {
  readonly keys: readonly Identity[];
  /** Keys under a passphrase that ssh-agent does not hold. */
  readonly locked: readonly Identity[];
  /** How many keys ssh-agent holds. */
  readonly agentKeys: number;
  readonly secrets: LoginSecrets | undefined;
  opens(identity: Identity, passphrase: string): boolean;
}

/** A way in; `take` is asked until it has nothing more to try. */
interface Way {
  readonly method: 'publickey' | 'password' | 'keyboard-interactive';
  take(): Promise<LoginStep | undefined>;
}

/** A wrong passphrase is asked for so many times. */
const passphraseTries = 3;

/**
 * The ways into one host, in OpenSSH's order: keys, those of ssh-agent, keys under a passphrase, and then passwords. What
 * needs the user is asked for only when everything before it was refused. Outlives a connection: a server hangs up
 * after a few keys, and the rest is tried over the next one.
 */
export class LoginAttempts {
  readonly #endpoint: SshEndpoint;
  readonly #secrets: LoginSecrets | undefined;
  readonly #ways: Way[];
  readonly #tried = new Set<string>();
  readonly #missing = new Set<string>();
  #taken = 0;
  #exhausted = false;
  #askedForMethods = false;

  constructor(endpoint: SshEndpoint, means: LoginMeans, signal: AbortSignal) {
    this.#endpoint = endpoint;
    this.#secrets = means.secrets;
    this.#ways = [
      ...means.keys.map((identity) => this.#once(`"${identity.path}"`, { kind: 'key', identity })),
      ...Array.from({ length: means.agentKeys }, (_, key) => this.#once('ssh-agent', { kind: 'agent', key })),
      ...means.locked.map((identity) => this.#locked(identity, means, signal)),
      ...(means.secrets?.passwords ? [this.#password(means.secrets, signal), this.#questions()] : []),
    ];
  }

  /** In the words of an error message. */
  get tried(): readonly string[] {
    return [...this.#tried];
  }

  /** What nobody could be asked for. */
  get missing(): readonly string[] {
    return [...this.#missing];
  }

  get advice(): readonly string[] {
    return this.#missing.size > 0 ? (this.#secrets?.advice ?? []) : [];
  }

  /** How many steps were given out. */
  get taken(): number {
    return this.#taken;
  }

  /** Nothing is left to try. */
  get exhausted(): boolean {
    return this.#exhausted;
  }

  lacks(what: string): void {
    this.#missing.add(what);
  }

  /** `allowed` are the methods with which the server lets us go on; undefined before it has said so. */
  async next(allowed: readonly string[] | undefined): Promise<LoginStep | undefined> {
    for (let way = this.#find(allowed); way; way = this.#find(allowed)) {
      if (!allowed && !this.#askedForMethods && way.method !== 'publickey') {
        this.#askedForMethods = true; // before a user is asked for what the server may not take
        return { kind: 'none' };
      }
      const step = await way.take();
      if (step) {
        this.#taken += 1;
        return step;
      }
      this.#ways.splice(this.#ways.indexOf(way), 1);
    }
    this.#exhausted = true;
    return undefined;
  }

  #find(allowed: readonly string[] | undefined): Way | undefined {
    return this.#ways.find(({ method }) => {
      // Where a server takes passwords, its questions are the same password once more.
      if (method === 'keyboard-interactive' && allowed?.includes('password')) return false;
      return !allowed || allowed.includes(method);
    });
  }

  #once(label: string, step: LoginStep): Way {
    let given = false;
    return {
      method: 'publickey',
      take: async () => {
        if (given) return undefined;
        given = true;
        this.#tried.add(label);
        return step;
      },
    };
  }

  #locked(identity: Identity, { secrets, opens }: LoginMeans, signal: AbortSignal): Way {
    let given = false;
    return {
      method: 'publickey',
      take: async () => {
        for (let attempt = 1; !given && attempt <= passphraseTries; attempt += 1) {
          const passphrase = await secrets?.passphrase(identity.path, { attempt, signal });
          if (passphrase === undefined) {
            if (attempt === 1) this.lacks(`the passphrase of "${identity.path}"`);
            else this.#tried.add(`"${identity.path}" (wrong passphrase)`);
            return undefined;
          }
          if (!opens(identity, passphrase)) continue;
          given = true;
          this.#tried.add(`"${identity.path}"`);
          return { kind: 'key', identity, passphrase };
        }
        if (!given) this.#tried.add(`"${identity.path}" (wrong passphrase)`);
        return undefined;
      },
    };
  }

  #password(secrets: LoginSecrets, signal: AbortSignal): Way {
    const asking = { attempt: 0, signal };
    return {
      method: 'password',
      take: async () => {
        asking.attempt += 1;
        const password = await secrets.password(this.#endpoint, { ...asking });
        if (password === undefined) {
          if (asking.attempt === 1) this.lacks('the password');
          return undefined;
        }
        this.#tried.add('password');
        return { kind: 'password', password };
      },
    };
  }

  #questions(): Way {
    let attempt = 0;
    return {
      method: 'keyboard-interactive',
      take: async () => {
        if (attempt > 0 && this.#missing.size > 0) return undefined; // nobody answers
        attempt += 1;
        if (attempt > questionRounds) return undefined;
        this.#tried.add('keyboard-interactive');
        return { kind: 'questions', attempt };
      },
    };
  }
}

/** More than anybody mistypes; the answers of files and environment come first. */
const questionRounds = 6;

/** The answers to a server's questions; none where one of them has no answer. */
export async function answerQuestions(
  endpoint: SshEndpoint,
  questions: readonly { readonly text: string; readonly echo: boolean }[],
  secrets: LoginSecrets,
  asking: Asking,
): Promise<string[] | undefined> {
  const answers: string[] = [];
  for (const question of questions) {
    const answer = await secrets.answer(endpoint, question, asking);
    if (answer === undefined) return undefined;
    answers.push(answer);
  }
  return answers;
}
