const gap = 3;

/**
 * Columns as docker and docker-machine print them: three spaces apart, left-aligned, none behind the last one.
 * The first row is the header. A column takes at least `minimumWidth` with the space behind it; docker's is 10.
 * Ends with a newline; empty for no rows.
 */
export function renderTable(rows: readonly (readonly string[])[], minimumWidth = 0): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries())
      widths[column] = Math.max(widths[column] ?? minimumWidth, width(cell) + gap);
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
  return cell + ' '.repeat((widths[column] ?? 0) - width(cell));
}

/** Code points, not UTF-16 units. */
function width(text: string): number {
  return [...text].length;
}
