import { renderTemplate } from '../shared/template.js';
import { type ShellCommand, sh } from '../ssh/command.js';
import type { ServiceManagerName } from './host-facts.js';
import { hostPaths } from './host-paths.js';
import type { HostFile } from './install-files.js';

/** How a host keeps the agent running. */
export interface ServiceManager {
  /** The files that describe the service. */
  files(): Promise<readonly HostFile[]>;
  /** Makes the service start at boot, and start or start anew now. */
  readonly restart: ShellCommand;
  /** Makes the running agent read its certificates again. */
  readonly reload: ShellCommand;
  /** The last lines the agent wrote. */
  readonly log: ShellCommand;
}

const systemd: ServiceManager = {
  files: async () => [
    {
      path: '/etc/systemd/system/tsmachine-agent.service',
      content: await renderTemplate('systemd/tsmachine-agent.service'),
      mode: 0o644,
    },
  ],
  restart: sh`systemctl daemon-reload && systemctl enable --quiet tsmachine-agent && systemctl restart tsmachine-agent`,
  reload: sh`systemctl reload tsmachine-agent`,
  log: sh`journalctl -u tsmachine-agent -n 5 -o cat --no-pager`,
};

const openrc: ServiceManager = {
  files: async () => [
    {
      path: '/etc/init.d/tsmachine-agent',
      content: await renderTemplate('openrc/tsmachine-agent'),
      mode: 0o755,
    },
  ],
  restart: sh`rc-update -q add tsmachine-agent default && rc-service tsmachine-agent restart`,
  reload: sh`rc-service tsmachine-agent reload`,
  log: sh`tail -n 5 ${hostPaths.log}`,
};

/** For hosts with neither: a supervisor of ours, started at boot by whatever runs /etc/local.d/*.start. */
const supervised: ServiceManager = {
  files: async () => [
    { path: hostPaths.supervisor, content: await renderTemplate('supervised/supervise.sh'), mode: 0o755 },
    {
      path: '/etc/local.d/tsmachine-agent.start',
      content: await renderTemplate('supervised/local.d.start'),
      mode: 0o755,
    },
  ],
  restart: sh`${hostPaths.supervisor} restart`,
  reload: sh`${hostPaths.supervisor} reload`,
  log: sh`tail -n 5 ${hostPaths.log}`,
};

const managers: Readonly<Record<ServiceManagerName, ServiceManager>> = { systemd, openrc, supervised };

export function serviceManager(name: ServiceManagerName): ServiceManager {
  return managers[name];
}
