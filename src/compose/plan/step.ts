import type { InheritedVolume } from '../convert/mounts.js';
import type { ObservedContainer } from '../state/observed.js';

/** What is waited for; `running_or_healthy` is that of `up --wait`. */
export type Condition =
  | 'service_started'
  | 'service_healthy'
  | 'service_completed_successfully'
  | 'running_or_healthy';

/** One thing to be done on one machine. */
export type Action =
  | { readonly kind: 'create-network'; readonly machine: string; readonly key: string; readonly name: string }
  | { readonly kind: 'create-volume'; readonly machine: string; readonly key: string; readonly name: string }
  | CreateContainer
  | { readonly kind: 'start'; readonly container: ContainerPlace }
  | { readonly kind: 'stop'; readonly container: ObservedContainer }
  | { readonly kind: 'remove'; readonly container: ObservedContainer; readonly volumes: boolean }
  | {
      readonly kind: 'await';
      readonly service: string;
      readonly condition: Condition;
      readonly required: boolean;
    }
  | { readonly kind: 'remove-network'; readonly machine: string; readonly id: string; readonly name: string }
  | { readonly kind: 'remove-volume'; readonly machine: string; readonly name: string }
  | { readonly kind: 'remove-image'; readonly machine: string; readonly name: string };

export interface CreateContainer {
  readonly kind: 'create';
  readonly machine: string;
  readonly service: string;
  readonly number: number;
  readonly name: string;
  /** The container that it takes the place of. */
  readonly replaces?: ObservedContainer | undefined;
  readonly inherited: readonly InheritedVolume[];
}

/** A container by its name: its ID may not be known when the plan is made. */
export interface ContainerPlace {
  readonly machine: string;
  readonly service: string;
  readonly name: string;
}

export interface Step {
  readonly id: string;
  /** IDs of the steps that are done before. */
  readonly after: readonly string[];
  readonly action: Action;
}
