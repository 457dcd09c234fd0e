import type { ImageHistoryItem } from '../../api/image.js';
import { formatBytes } from '../../shared/bytes.js';
import { shortId } from '../../shared/identifiers.js';
import { ellipsis } from './ellipsis.js';
import { humanAge } from './human-duration.js';

/** The fields of docker's `history --format`. */
export interface HistoryRow {
  readonly Comment: string;
  readonly CreatedAt: string;
  readonly CreatedBy: string;
  readonly CreatedSince: string;
  readonly ID: string;
  readonly Size: string;
}

export interface HistoryOptions {
  readonly noTruncation: boolean;
  /** Ages and sizes with units, instead of times and bytes. */
  readonly human: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export function historyTable({ human }: { readonly human: boolean }): string {
  return `table {{.ID}}\t{{.${human ? 'CreatedSince' : 'CreatedAt'}}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}`;
}

export const historyHeaders: Readonly<Record<string, string>> = {
  ID: 'IMAGE',
  CreatedAt: 'CREATED AT',
  CreatedSince: 'CREATED',
  CreatedBy: 'CREATED BY',
};

export function historyRow(item: ImageHistoryItem, options: HistoryOptions): HistoryRow {
  const createdBy = item.CreatedBy.replaceAll('\t', ' ');
  const createdAt = new Date(item.Created * 1000).toISOString().replace('.000Z', 'Z');
  return {
    Comment: item.Comment,
    CreatedAt: createdAt,
    CreatedBy: options.noTruncation ? createdBy : ellipsis(createdBy, 45),
    CreatedSince: options.human ? humanAge(item.Created, options.now) : createdAt,
    ID: options.noTruncation ? item.Id : shortId(item.Id.replace(/^sha256:/, '')),
    Size: options.human ? formatBytes(item.Size) : String(item.Size),
  };
}
