/**
 * Columns as docker and docker-machine print them: three spaces apart, left-aligned, none behind the last one.
 * The first row is the header. Ends with a newline; empty for no rows.
 */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, width(cell));
  }
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => pad(cell, widths, column))
          .join('')
          .trimEnd()}\n`,
    )
    .join('');
}

function pad(cell: string, widths: readonly number[], column: number): string {
  const gap = 3;
  return cell + ' '.repeat((widths[column] ?? 0) - width(cell) + gap);
}

/** Code points, not UTF-16 units. */
function width(text: string): number {
  return [...text].length;
}
