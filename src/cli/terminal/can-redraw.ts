/** Whether standard error is a terminal that tells its size. In other terminals, lines cannot be drawn anew. */
export function canRedraw(): boolean {
  const { isTTY, rows, columns } = process.stderr
  return isTTY && rows > 0 && columns > 0
}
