export type SecretBackend = 'keyring' | 'file';

/** Keeps secrets by name. Names are printable ASCII without spaces. */
export interface SecretStore {
  readonly backend: SecretBackend;
  /** Undefined when there is none of that name. */
  get(name: string): Promise<string | undefined>;
  /** Durable when it returns; replaces what was there. */
  set(name: string, value: string): Promise<void>;
  /** Succeeds when there is none. */
  delete(name: string): Promise<void>;
  list(): Promise<readonly string[]>;
  /** Writes, reads and deletes an entry of its own. Throws what says why the store cannot be used. */
  probe(): Promise<void>;
}
