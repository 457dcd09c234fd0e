import type { ProgressEvent } from '../../compose/engine/progress.js';

/** A line for one thing; milliseconds of some clock. */
export interface Row {
  readonly event: ProgressEvent;
  readonly begun: number;
  readonly ended: number | undefined;
}

/**
 * The rows that a screen with this room shows, parts behind what they are parts of. More than it has could not be
 * overwritten: parts make room first, then what is done.
 */
export function visibleRows(rows: readonly Row[], room: number): readonly Row[] {
  const wholes = rows.filter(({ event }) => event.parent === undefined);
  const isOpen = ({ ended }: Row) => ended === undefined;
  for (const isShown of [() => true, isOpen]) {
    const shown = wholes.flatMap((row) => [row, ...partsOf(row, rows).filter(isShown)]);
    if (shown.length <= room) return shown;
  }
  const ended = wholes.filter((row) => !isOpen(row));
  return wholes.length <= room ? wholes : [...ended, ...wholes.filter(isOpen)].slice(-room);
}

function partsOf({ event: whole }: Row, rows: readonly Row[]): readonly Row[] {
  return rows.filter(({ event }) => event.parent === whole.id);
}
