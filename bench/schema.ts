const tableCount = 100
const rowsPerTable = 100

/**
 * Returns a schema of realistic size: 100 tables, each with a key, a reference and an index, and 10,000 rows in total.
 */
export function schemaSql(): string {
  return Array.from({ length: tableCount }, (_, index) => tableSql(index)).join('\n')
}

function tableSql(index: number): string {
  const table = nameOf(index)
  const parent = nameOf(Math.max(0, index - 1))
  return `
CREATE TABLE ${table} (
  id serial PRIMARY KEY,
  parent int REFERENCES ${parent},
  name text NOT NULL,
  amount numeric(12, 2) NOT NULL DEFAULT 0,
  made_at timestamptz NOT NULL DEFAULT '2026-01-01'
);
CREATE INDEX ON ${table} (name);
INSERT INTO ${table} (parent, name, amount)
  SELECT ${index === 0 ? 'NULL' : 'g'}, '${table} ' || g, g FROM generate_series(1, ${rowsPerTable}) AS g;`
}

function nameOf(index: number): string {
  return `table_${String(index).padStart(3, '0')}`
}
