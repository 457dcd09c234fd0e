import { formatBytesFinely } from '../../../../shared/bytes.js';
import type { TracedItem } from './build-trace.js';

/** "transferring context: 2.1MB / 4MB". */
export function itemText({ id, current, total }: TracedItem): string {
  if (total > 0) return `${id} ${formatBytesFinely(current)} / ${formatBytesFinely(total)}`;
  return current > 0 ? `${id} ${formatBytesFinely(current)}` : id;
}

export function itemSeconds({ started, completed, timestamp }: TracedItem): number {
  const end = completed ?? timestamp;
  return started === undefined || end === undefined ? 0 : Math.max(0, end - started) / 1000;
}
