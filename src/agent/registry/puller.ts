import type { ProgressMessage } from '../../api/progress.js';

export interface RegistryCredentials {
  readonly username?: string;
  readonly password?: string;
  readonly identityToken?: string;
  readonly registryToken?: string;
}

export interface PullRequest {
  /** A full reference: "busybox", "localhost:5000/x:1", "x@sha256:…". */
  readonly reference: string;
  readonly credentials?: RegistryCredentials | undefined;
  readonly platform?:
    | { readonly os: string; readonly architecture: string; readonly variant?: string }
    | undefined;
  /** Progress, as docker draws it. */
  /** Every tag of the repository; the reference has none then. */
  readonly allTags?: boolean | undefined;
  readonly progress: (message: ProgressMessage) => void;
  readonly signal: AbortSignal;
}

/** `platform` is what the images must be for. */
export interface PushRequest extends Omit<PullRequest, 'allTags'> {}

/** Pushes images to a registry (OCI distribution specification, "Push"). */
export interface Pusher {
  /** Throws what the caller reports: IMAGE_NOT_FOUND, REGISTRY_DENIED, REGISTRY_UNREACHABLE, … in Docker's words. */
  push(request: PushRequest): Promise<void>;
}

/** Pulls an image from a registry (OCI distribution specification, "Pull") into the image store. */
export interface Puller {
  /** Throws what the caller reports: IMAGE_NOT_FOUND, REGISTRY_DENIED, REGISTRY_UNREACHABLE, … in Docker's words. */
  pull(request: PullRequest): Promise<void>;
}
