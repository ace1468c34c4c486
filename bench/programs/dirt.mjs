/** Writes of a test to its database, from none to a change of the schema. */
export const dirt = {
  nothing: 'SELECT count(*) FROM table_050',
  rows: ['table_010', 'table_050', 'table_090']
    .map((table) => `INSERT INTO ${table} (name) VALUES ('dirt'); UPDATE ${table} SET amount = 0 WHERE id = 7`)
    .join('; '),
  each: Array.from({ length: 100 }, (_, index) => `table_${String(index).padStart(3, '0')}`)
    .map((table) => `INSERT INTO ${table} (name) VALUES ('dirt')`)
    .join('; '),
  schema: 'ALTER TABLE table_050 ADD COLUMN dirt int; CREATE TABLE dirt (id int)',
}
