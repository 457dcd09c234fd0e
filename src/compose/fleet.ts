import type { EngineClient } from '../api/client/engine-client.js';

/** The engines that a project is on, by the names of their machines. */
export interface Fleet {
  /** The machine of everything that names none. */
  readonly home: string;
  /** All machines of the project, `home` first. */
  readonly machines: readonly string[];
  client(machine: string): EngineClient;
}
