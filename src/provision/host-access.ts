import type { SshConnection } from '../ssh/transport.js';

/** What is on a host that somebody else set up. */
export interface HostSurvey {
  readonly operatingSystem: string;
  readonly architecture: string;
  readonly hostname: string;
  /** Whether the login is root's or has sudo without a password. */
  readonly root: boolean;
  /** The agent of another store. */
  readonly agent?: {
    readonly port: number;
    /** Of its server certificate, PEM. */
    readonly authority: string;
  };
  /** A Docker Engine that the login may use. */
  readonly docker?: { readonly version: string };
}

/** Who may use a host that serves already: nothing of it is installed anew, renamed or restarted. */
export interface HostAccess {
  /** Of the Docker Engine on the host. Throws REMOTE_COMMAND_FAILED. */
  dockerVersion(
    connection: SshConnection,
    signal: AbortSignal,
  ): Promise<{ readonly version: string; readonly apiVersion: string }>;
  /** Changes nothing, and needs no root. */
  survey(connection: SshConnection, signal: AbortSignal): Promise<HostSurvey>;
  /**
   * Lets clients in whose certificates are of this authority, beside those that are let in already. `id` names them;
   * a second call replaces the authority. Throws SUDO_REQUIRED, REMOTE_COMMAND_FAILED.
   */
  admitClients(connection: SshConnection, id: string, authority: string, signal: AbortSignal): Promise<void>;
  /** The opposite: new connections are refused. Succeeds when they are not let in. */
  dismissClients(connection: SshConnection, id: string, signal: AbortSignal): Promise<void>;
  /** Lets the key log in as the user of the connection; its comment is `id`. */
  admitKey(connection: SshConnection, id: string, publicKey: string, signal: AbortSignal): Promise<void>;
  /** The opposite. Succeeds when there is no such key. */
  dismissKey(connection: SshConnection, id: string, signal: AbortSignal): Promise<void>;
}
