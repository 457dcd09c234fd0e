import type { Port } from '../../api/client/types.js';
import type { ObservedContainer } from '../../compose/state/observed.js';
import { type ContainerRow, containerRow, type RowOptions } from '../docker/container-rows.js';

/** The fields of `compose ps --format`, in the order of Docker Compose's JSON. */
export interface PsRow extends ContainerRow {
  readonly ExitCode: number;
  readonly Health: string;
  readonly Name: string;
  readonly Project: string;
  readonly Publishers: readonly Publisher[] | null;
  readonly Service: string;
  readonly Machine: string;
}

interface Publisher {
  readonly URL: string;
  readonly TargetPort: number;
  readonly PublishedPort: number;
  readonly Protocol: string;
}

const columns = ['Image', 'Command', 'Service', 'RunningFor', 'Status', 'Ports'];

/** With a column for the machine where there are several. */
export function psTable(areSeveral: boolean): string {
  const names = ['Name', ...(areSeveral ? ['Machine'] : []), ...columns];
  return `table ${names.map((name) => `{{.${name}}}`).join('\t')}`;
}

export function psRow(project: string, container: ObservedContainer, options: RowOptions): PsRow {
  const { summary } = container;
  const row: PsRow = {
    ...containerRow(summary, options),
    ExitCode: Number(/^Exited \((\d+)\)/.exec(summary.Status)?.[1] ?? 0),
    Health: healthOf(summary.Status),
    Name: container.name,
    Project: project,
    Publishers: publishers(summary.Ports ?? []),
    Service: container.service,
    Machine: container.machine,
  };
  // As Go writes a map.
  return Object.fromEntries(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1))) as unknown as PsRow;
}

function healthOf(status: string): string {
  if (status.includes('(health: starting)')) return 'starting';
  return /\((healthy|unhealthy)\)/.exec(status)?.[1] ?? '';
}

function publishers(ports: readonly Port[]): readonly Publisher[] | null {
  if (ports.length === 0) return null;
  return ports.map(({ IP = '', PrivatePort, PublicPort = 0, Type }) => {
    return { URL: IP, TargetPort: PrivatePort, PublishedPort: PublicPort, Protocol: Type };
  });
}
