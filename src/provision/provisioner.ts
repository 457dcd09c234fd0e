import type { Reporter } from '../shared/reporter.js';
import type { SshConnection } from '../ssh/transport.js';

/** What a host must end up with. */
export interface ProvisionTarget {
  readonly machineName: string;
  /** PEM texts for mutual TLS. `serverKey` travels over stdin into a 0600 file. */
  readonly tls: { readonly ca: string; readonly serverCertificate: string; readonly serverKey: string };
  /** TCP port of the agent's mutual TLS listener, on all addresses. */
  readonly port: number;
  readonly labels: readonly string[];
  readonly insecureRegistries: readonly string[];
  readonly registryMirrors: readonly string[];
  readonly usernsRemap?: string | undefined;
  /** Of the agent, as in its agent.json. */
  readonly proxies?: { readonly httpProxy?: string; readonly httpsProxy?: string; readonly noProxy?: string };
  /** By how many times the host is slower than usual; its deadlines follow. Default 1. */
  readonly patience?: number;
}

export interface ProvisionResult {
  /** PRETTY_NAME of /etc/os-release. */
  readonly operatingSystem: string;
  readonly architecture: string;
  /** Titles of the steps that had something to do; empty when everything was there. */
  readonly applied: readonly string[];
}

export interface ProvisionContext {
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
}

/**
 * Makes a Linux host serve the agent, over one SSH connection. Looks at everything in one round trip, then does
 * only what is missing; a second call changes nothing. Throws OS_NOT_SUPPORTED, SUDO_REQUIRED, NO_SPACE,
 * PACKAGES_FAILED, AGENT_NOT_STARTED, and what the connection throws.
 */
export interface Provisioner {
  provision(
    connection: SshConnection,
    target: ProvisionTarget,
    context: ProvisionContext,
  ): Promise<ProvisionResult>;
}
