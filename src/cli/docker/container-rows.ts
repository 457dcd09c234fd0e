import type { ContainerSummary, Port } from '../../api/client/types.js';
import { formatBytes } from '../../shared/bytes.js';
import { shortId } from '../../shared/identifiers.js';
import { ellipsis } from './ellipsis.js';
import { humanAge } from './human-duration.js';

/** The fields of docker's `ps --format`. */
export interface ContainerRow {
  readonly Command: string;
  readonly CreatedAt: string;
  readonly ID: string;
  readonly Image: string;
  readonly Labels: string;
  readonly LocalVolumes: string;
  readonly Mounts: string;
  readonly Names: string;
  readonly Networks: string;
  /** Docker shows it as null, but for images of several platforms. */
  readonly Platform: null;
  readonly Ports: string;
  readonly RunningFor: string;
  readonly Size: string;
  readonly State: string;
  readonly Status: string;
}

export interface RowOptions {
  /** Whole IDs and commands. */
  readonly noTruncation: boolean;
  /** Now, in milliseconds since the epoch. */
  readonly now: number;
}

export const containerTable =
  'table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}';

export const containerHeaders: Readonly<Record<string, string>> = {
  ID: 'CONTAINER ID',
  RunningFor: 'CREATED',
  CreatedAt: 'CREATED AT',
  LocalVolumes: 'LOCAL VOLUMES',
};

export function containerRow(container: ContainerSummary, options: RowOptions): ContainerRow {
  const { Id, Command, Created, Labels, Mounts, NetworkSettings } = container;
  const mounts = Mounts ?? [];
  return {
    Command: quote(options.noTruncation ? Command : ellipsis(Command, 20)),
    CreatedAt: `${new Date(Created * 1000).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`,
    ID: options.noTruncation ? Id : shortId(Id),
    Image: imageText(container, options.noTruncation),
    Labels: Object.entries(Labels ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    LocalVolumes: String(mounts.filter(({ Type }) => Type === 'volume').length),
    Mounts: mounts
      .map(({ Name, Source }) => Name || Source || '')
      .map((name) => (options.noTruncation ? name : ellipsis(name, 15)))
      .join(','),
    Names: namesText(container.Names ?? [], options.noTruncation),
    Networks: Object.keys(NetworkSettings?.Networks ?? {}).join(','),
    Platform: null,
    Ports: portsText(container.Ports ?? []),
    RunningFor: humanAge(Created, options.now),
    Size: sizeText(container),
    State: container.State,
    Status: container.Status,
  };
}

/** What it has written, and with its image; nothing was measured unless it was asked for. */
function sizeText({ SizeRw = 0, SizeRootFs = 0 }: ContainerSummary): string {
  const own = formatBytes(SizeRw);
  return SizeRootFs > 0 ? `${own} (virtual ${formatBytes(SizeRootFs)})` : own;
}

/** Neighbouring ports are joined as ranges; those on another port of the host come last (docker, DisplayablePorts). */
export function portsText(ports: readonly Port[]): string {
  const ranges: { readonly key: string; readonly first: number; last: number }[] = [];
  const mappings: string[] = [];
  for (const port of ports.toSorted(comparePorts)) {
    const { IP = '', PrivatePort, PublicPort, Type } = port;
    if (IP !== '' && PublicPort !== PrivatePort) {
      mappings.push(`${hostPort(IP, String(PublicPort ?? 0))}->${PrivatePort}/${Type}`);
      continue;
    }
    const key = `${IP}/${Type}`;
    const open = ranges.findLast((range) => range.key === key);
    if (open && PrivatePort === open.last + 1) open.last = PrivatePort;
    else if (open?.last !== PrivatePort) ranges.push({ key, first: PrivatePort, last: PrivatePort });
  }
  return [...ranges.map(rangeText), ...mappings].join(', ');
}

function rangeText({ key, first, last }: { key: string; first: number; last: number }): string {
  const at = key.lastIndexOf('/');
  const [ip, type] = [key.slice(0, at), key.slice(at + 1)];
  const numbers = first === last ? String(first) : `${first}-${last}`;
  return ip === '' ? `${numbers}/${type}` : `${hostPort(ip, numbers)}->${numbers}/${type}`;
}

function comparePorts(left: Port, right: Port): number {
  return (
    left.PrivatePort - right.PrivatePort ||
    compareText(left.IP ?? '', right.IP ?? '') ||
    (left.PublicPort ?? 0) - (right.PublicPort ?? 0) ||
    compareText(left.Type, right.Type)
  );
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}

function hostPort(ip: string, port: string): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** A container whose image lost its name shows the image's ID, short like the container's own. */
function imageText({ Image, ImageID }: ContainerSummary, noTruncation: boolean): string {
  if (Image === '') return '<no image>';
  const id = ImageID.replace(/^sha256:/, '');
  const isId =
    id !== '' && id.startsWith(Image.replace(/^sha256:/, '')) && /^(sha256:)?[0-9a-f]{12,}$/.test(Image);
  return isId && !noTruncation ? shortId(id) : Image;
}

/** Names with another slash are links of older engines to this container. */
function namesText(names: readonly string[], noTruncation: boolean): string {
  const bare = names.map((name) => name.replace(/^\//, ''));
  return (noTruncation ? bare : bare.filter((name) => !name.includes('/'))).join(',');
}

function quote(text: string): string {
  return JSON.stringify(text);
}
