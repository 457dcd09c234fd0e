import type { Duplex, Readable, Writable } from 'node:stream';
import type { TerminalSize } from '../shared/terminal-size.js';
import type { ShellCommand } from './command.js';

/** Where and as whom to log in. */
export interface SshEndpoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Private key files, tried in order; without any, the agent and the user's default keys are. */
  readonly identityFiles: readonly string[];
  /** "user@host:port" hops, in order. */
  readonly jumpHosts?: readonly SshEndpoint[];
}

export interface HostKeyVerifier {
  /** The type of the key it knows ("ssh-ed25519"), asked of a server that has several. */
  readonly keyType?: string | undefined;
  /** Resolves when the key may be trusted; rejects with SSH_HOST_KEY_CHANGED otherwise. `hostKey` is the wire form. */
  verify(endpoint: SshEndpoint, hostKey: Uint8Array): Promise<void>;
}

export interface Asking {
  /** From 1 on: what was given before was wrong. */
  readonly attempt: number;
  readonly signal: AbortSignal;
}

/**
 * Secrets of the user's for a login, each asked for only when nothing else lets us in. Undefined where there is none,
 * or no other than before. What they throw ends the login.
 */
export interface LoginSecrets {
  /** False where keys alone are to be used: on hosts that were made with a key of ours. */
  readonly passwords: boolean;
  password(endpoint: SshEndpoint, asking: Asking): Promise<string | undefined>;
  passphrase(keyFile: string, asking: Asking): Promise<string | undefined>;
  /** To a question of the server's own (keyboard-interactive, RFC 4256). */
  answer(
    endpoint: SshEndpoint,
    question: { readonly text: string; readonly echo: boolean },
    asking: Asking,
  ): Promise<string | undefined>;
  /** For sudo on the host, as the user of the login. */
  sudoPassword(endpoint: SshEndpoint, asking: Asking): Promise<string | undefined>;
  /** For hints: how to give them where nobody can be asked. */
  readonly advice: readonly string[];
}

export interface ConnectOptions {
  readonly hostKeys: HostKeyVerifier;
  readonly secrets?: LoginSecrets | undefined;
  /** For TCP, key exchange and authentication together, without the time of questions; default 20 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Throws SSH_UNREACHABLE, SSH_AUTHENTICATION_FAILED, SSH_HOST_KEY_CHANGED. */
export interface SshTransport {
  connect(endpoint: SshEndpoint, options: ConnectOptions): Promise<SshConnection>;
}

export interface RunOptions {
  /** Given to the command's stdin, then closed. Secrets travel here, never in the command. */
  readonly input?: string | Uint8Array | Readable;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface SshCommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

export interface OpenOptions {
  /** Asks for a terminal of this size and type. */
  readonly terminal?: TerminalSize & { readonly term: string };
  readonly signal?: AbortSignal | undefined;
}

/** One SSH connection; every method opens a channel of it. All throw SSH_CONNECTION_LOST when it breaks. */
export interface SshConnection extends AsyncDisposable {
  /** The password of the login's user for sudo; absent where there is nobody to ask. */
  readonly sudoPassword?: ((asking: Asking) => Promise<string | undefined>) | undefined;
  /** Runs to the end, whatever the exit code. */
  run(command: ShellCommand, options?: RunOptions): Promise<SshCommandResult>;
  /** A command, or the login shell, with live streams. */
  open(command: ShellCommand | undefined, options?: OpenOptions): Promise<SshSession>;
  /** A TCP connection that the host makes. Throws SSH_FORWARD_REFUSED. */
  dial(target: TcpTarget, signal?: AbortSignal): Promise<Duplex>;
  /** Aborted, with SSH_CONNECTION_LOST, when the connection is gone. */
  readonly lost: AbortSignal;
}

/** As the host sees it: "localhost" is the host itself. */
export interface TcpTarget {
  readonly host: string;
  readonly port: number;
}

export interface SshSession {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** The remote exit status; 128 + n for a signal; 255 when the connection was lost. */
  readonly exited: Promise<number>;
  resize(size: TerminalSize): void;
}
