import { fragment, type ShellCommand, sh } from '../ssh/command.js';
import { hostPaths } from './host-paths.js';

export interface AgentLogOptions {
  readonly follow: boolean;
  /** Lines from the end; undefined for all. */
  readonly lines: number | undefined;
}

/**
 * Prints what the agent wrote, from the journal or from its own file, as JSON lines; as root where that needs it.
 * Ends when its reader does.
 */
export function agentLogCommand({ follow, lines }: AgentLogOptions): ShellCommand {
  const journal = sh`journalctl -u tsmachine-agent -o cat --no-pager -n ${lines ?? 'all'} ${follow ? ['-f'] : []}`;
  const file = sh`tail -n ${lines === undefined ? '+1' : String(lines)} ${follow ? ['-F'] : []} ${hostPaths.log}`;
  const script = sh`if [ -d /run/systemd/system ]; then exec ${fragment(journal)}; else exec ${fragment(file)}; fi`;
  const asRoot = sh`sudo -n sh -c ${script}`;
  const both = sh`if [ "$(id -u)" = 0 ]; then ${fragment(script)}; else exec ${fragment(asRoot)}; fi`;
  return sh`sh -c ${both}`;
}
