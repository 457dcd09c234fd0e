import { bool, type DecodedBy, integer, list, object, text, textOrList } from './decode.js';

export const execCreateRequest = object(
  {
    User: text,
    Privileged: bool,
    Tty: bool,
    ConsoleSize: list(integer),
    AttachStdin: bool,
    AttachStderr: bool,
    AttachStdout: bool,
    Detach: bool,
    DetachKeys: text,
    Env: list(text),
    WorkingDir: text,
    Cmd: textOrList,
  },
  'ExecOptions',
);
export type ExecCreateRequest = DecodedBy<typeof execCreateRequest>;

export const execStartRequest = object(
  { Detach: bool, Tty: bool, ConsoleSize: list(integer) },
  'ExecStartOptions',
);
export type ExecStartRequest = DecodedBy<typeof execStartRequest>;

export interface ExecInspect {
  readonly ID: string;
  readonly Running: boolean;
  /** Null while it runs and before it was started. */
  readonly ExitCode: number | null;
  readonly ProcessConfig: {
    readonly tty: boolean;
    readonly entrypoint: string;
    readonly arguments: readonly string[];
    readonly privileged: boolean;
    readonly user?: string;
  };
  readonly OpenStdin: boolean;
  readonly OpenStderr: boolean;
  readonly OpenStdout: boolean;
  readonly CanRemove: boolean;
  readonly ContainerID: string;
  readonly DetachKeys: string;
  readonly Pid: number;
}
