import type { MachineSummary } from '../machine/inventory.js';
import { renderTable } from './table.js';

/** What `ls` prints without --format. */
export function machineTable(machines: readonly MachineSummary[]): string {
  const header = ['NAME', 'ACTIVE', 'DRIVER', 'STATE', 'URL', 'SWARM', 'DOCKER', 'ERRORS'];
  const rows = machines.map((machine) => {
    const fields = machineFields(machine);
    return [
      fields.Name,
      fields.Active,
      fields.DriverName,
      stateText(machine),
      fields.URL,
      fields.Swarm,
      fields.DockerVersion,
      fields.Error,
    ];
  });
  return renderTable([header, ...rows]);
}

/** With its age, where it is what was last seen. */
export function stateText({ state, stateAgeMs }: MachineSummary): string {
  return stateAgeMs === undefined ? state : `${state} (${age(stateAgeMs)} ago)`;
}

/** docker-machine's field names; the ones of Swarm are empty. */
export function machineFields(machine: MachineSummary) {
  return {
    Name: machine.name,
    Active: machine.active ? '*' : '-',
    ActiveHost: machine.active,
    ActiveSwarm: false,
    DriverName: machine.driver,
    State: machine.state,
    URL: machine.url,
    Swarm: '',
    SwarmOptions: '',
    EngineOptions: { Labels: machine.labels },
    Error: machine.error,
    DockerVersion: machine.dockerVersion ? `v${machine.dockerVersion}` : 'Unknown',
    ResponseTime: `${machine.responseMs}ms`,
    CertificateDays:
      machine.certificatesExpireAt === undefined
        ? ''
        : Math.floor((machine.certificatesExpireAt - Date.now()) / 86_400_000),
  };
}

export const machineHeaders: Readonly<Record<string, string>> = {
  ActiveHost: 'ACTIVE_HOST',
  ActiveSwarm: 'ACTIVE_SWARM',
  DriverName: 'DRIVER',
  SwarmOptions: 'SWARM_OPTIONS',
  EngineOptions: 'ENGINE_OPTIONS',
  Error: 'ERRORS',
  DockerVersion: 'DOCKER',
  ResponseTime: 'RESPONSE',
  CertificateDays: 'CERTIFICATE_DAYS',
};

function age(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
