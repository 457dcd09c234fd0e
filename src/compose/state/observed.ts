import type { ContainerSummary, MountSummary } from '../../api/client/types.js';
import { label } from '../labels.js';

/** A container of the project as an engine tells of it. */
export interface ObservedContainer {
  readonly machine: string;
  readonly id: string;
  readonly name: string;
  readonly service: string;
  /** Undefined where the label is damaged. */
  readonly number: number | undefined;
  readonly oneOff: boolean;
  readonly state: string;
  readonly configHash: string | undefined;
  /** What the image was when the container was made. */
  readonly image: string | undefined;
  readonly networkIds: readonly string[];
  readonly mounts: readonly MountSummary[];
  readonly summary: ContainerSummary;
}

export function observedContainer(machine: string, summary: ContainerSummary): ObservedContainer {
  const labels = summary.Labels ?? {};
  const number = Number(labels[label.number]);
  return {
    machine,
    id: summary.Id,
    name: ownName(summary),
    service: labels[label.service] ?? '',
    number: Number.isInteger(number) ? number : undefined,
    oneOff: labels[label.oneOff] === 'True',
    state: summary.State,
    configHash: labels[label.configHash],
    image: labels[label.image],
    networkIds: Object.values(summary.NetworkSettings?.Networks ?? {}).flatMap((network) =>
      network?.NetworkID ? [network.NetworkID] : [],
    ),
    mounts: summary.Mounts ?? [],
    summary,
  };
}

/** Names with another slash are links to this container. */
function ownName({ Id, Names }: ContainerSummary): string {
  const names = (Names ?? []).map((name) => name.replace(/^\//, ''));
  return names.find((name) => !name.includes('/')) ?? names[0] ?? Id.slice(0, 12);
}

/** By service and number, as lists show them. */
export function compareContainers(left: ObservedContainer, right: ObservedContainer): number {
  if (left.service !== right.service) return left.service < right.service ? -1 : 1;
  return (
    (left.number ?? 0) - (right.number ?? 0) ||
    Number(left.name > right.name) - Number(left.name < right.name)
  );
}
