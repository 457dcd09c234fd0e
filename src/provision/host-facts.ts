import { type OsRelease, parseOsRelease } from './os-release.js';

export type ServiceManagerName = 'systemd' | 'openrc' | 'supervised';

/** Everything one look at a host tells. */
export interface HostFacts {
  /** `uname -s`, `-m` and `-r`. */
  readonly system: string;
  readonly machine: string;
  readonly kernel: string;
  readonly os: OsRelease;
  readonly commands: ReadonlySet<string>;
  readonly musl: boolean;
  readonly serviceManager: ServiceManagerName;
  /** Directories below /opt/tsmachine/node and /opt/tsmachine/agent: each is complete and verified. */
  readonly programs: ReadonlySet<string>;
  /** Path → hex SHA-256 of the files that provisioning writes. */
  readonly files: ReadonlyMap<string, string>;
  /** Free bytes where programs and data go. */
  readonly freePrograms: number;
  readonly freeData: number;
  /** The agent answers on its socket. */
  readonly serving: boolean;
  readonly restartNeeded: boolean;
}

/** Reads the `key=value` lines of the probe script (templates/agent/probe.sh). */
export function parseHostFacts(text: string): HostFacts {
  const lines = text.split('\n').map((line) => {
    const at = line.indexOf('=');
    return { key: line.slice(0, at), value: line.slice(at + 1) };
  });
  const all = (key: string) => lines.filter((line) => line.key === key).map(({ value }) => value);
  const one = (key: string) => all(key)[0] ?? '';
  return {
    system: one('system'),
    machine: one('machine'),
    kernel: one('kernel'),
    os: parseOsRelease(all('os').join('\n')),
    commands: new Set(all('command')),
    musl: one('musl') === 'yes',
    serviceManager: toServiceManager(one('service')),
    programs: new Set(all('program')),
    files: new Map(all('file').map((value) => [value.slice(64).trim(), value.slice(0, 64)])),
    freePrograms: Number(one('free-programs')) * 1024,
    freeData: Number(one('free-data')) * 1024,
    serving: one('serving') === 'yes',
    restartNeeded: one('restart-needed') === 'yes',
  };
}

function toServiceManager(text: string): ServiceManagerName {
  return text === 'systemd' || text === 'openrc' ? text : 'supervised';
}
