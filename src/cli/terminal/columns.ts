/** Returns a line for each row, with aligned cells. A column without text is left out. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const alignRow = (row: readonly string[]): string =>
    row.flatMap((cell, column) => (widths[column] === 0 ? [] : cell.padEnd(widths[column] ?? 0))).join('  ')
  return rows.map((row) => alignRow(row).trimEnd())
}
