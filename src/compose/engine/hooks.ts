import { text } from 'node:stream/consumers';
import type { EngineClient } from '../../api/client/engine-client.js';
import { createExec, inspectExec, startExec } from '../../api/client/execs.js';
import type { Hook } from '../model/service.js';
import { hookFailed } from '../plan/errors.js';

/**
 * Runs commands in a running container, one after the other; shows what those have written that succeeded. Throws
 * HOOK_FAILED with what the command has written.
 */
export async function runHooks(
  client: EngineClient,
  container: string,
  hooks: readonly Hook[],
  signal: AbortSignal,
  show: (output: string) => void = () => {},
): Promise<void> {
  for (const hook of hooks) {
    const command = hook.command ?? [];
    const body = {
      ...{ Cmd: command, Tty: true, AttachStdin: false, AttachStdout: true, AttachStderr: true },
      Env: Object.entries(hook.environment).map(([name, value]) =>
        value === null ? name : `${name}=${value}`,
      ),
      Privileged: hook.privileged,
      ...(hook.user !== undefined && { User: hook.user }),
      ...(hook.workingDir !== undefined && { WorkingDir: hook.workingDir }),
    };
    const exec = await createExec(client, container, body, signal);
    const connection = await startExec(client, exec, body.Tty, signal);
    const output = await text(connection);
    const { ExitCode } = await inspectExec(client, exec, signal);
    if (ExitCode) throw hookFailed(command, ExitCode, output);
    show(output);
  }
}
