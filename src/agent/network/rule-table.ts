import type { Publication } from './nft-ruleset.js';

/** Our rules in the kernel, kept as they should be: address translation, published ports, and who reaches whom. */
export interface RuleTable {
  /** Opens a container's ports, in place of those it had. */
  publish(containerId: string, publications: readonly Publication[]): Promise<void>;
  /** Succeeds when it has none. */
  withdraw(containerId: string): Promise<void>;
  /** After networks have come or gone. */
  refresh(): Promise<void>;
  /** Writes all with these containers' ports and no others. */
  replace(published: ReadonlyMap<string, readonly Publication[]>): Promise<void>;
  /** Whether what we wrote is still there; cheap. */
  isPresent(): Promise<boolean>;
  /** Takes everything out of the kernel. */
  remove(): Promise<void>;
}
