// The ways of a project with a server but without test-services, in the instance of LP_DB_*: one database is emptied
// and filled again, another is dropped and copied from a template.
import pg from 'pg'
import { answer, timed } from './answer.mjs'
import { ask, elsewhere } from './ask.mjs'
import { dirt } from './dirt.mjs'

const template = process.env.LP_DB_TEMPLATE
const server = process.env.LP_DB_URL
const maintenance = new pg.Client(elsewhere(server, 'postgres'))
const kept = new pg.Client(elsewhere(server, 'by_hand_truncated'))
const clone = (name) => maintenance.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`)
let statements

answer(
  {
    setUp: async () => {
      await maintenance.connect()
      await clone('by_hand_truncated')
      await clone('by_hand_cloned')
      await kept.connect()
      statements = await saveRows()
    },
    truncate: async () => {
      await kept.query(dirt.rows)
      return { ms: await timed(() => kept.query(statements.truncate)) }
    },
    truncateAndFill: async () => {
      await kept.query(dirt.rows)
      return { ms: await timed(() => kept.query(`BEGIN; ${statements.truncate}; ${statements.fill}; COMMIT`)) }
    },
    renew: async () => {
      const url = elsewhere(server, 'by_hand_cloned')
      await ask(url, dirt.rows)
      const ms = await timed(async () => {
        await maintenance.query('DROP DATABASE by_hand_cloned')
        await clone('by_hand_cloned')
        await ask(url)
      })
      return { ms }
    },
    clone: async () => {
      const ms = await timed(async () => {
        await clone('by_hand_once')
        await ask(elsewhere(server, 'by_hand_once'))
      })
      await maintenance.query('DROP DATABASE by_hand_once')
      return { ms }
    },
  },
  () => Promise.all([maintenance.end(), kept.end()]),
)

/**
 * Copies every table. Returns the SQL that empties all tables, and the SQL that fills them again: each table from its
 * copy, with foreign keys switched off, then the sequences.
 */
async function saveRows() {
  const { rows } = await kept.query("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
  await kept.query('CREATE SCHEMA saved')
  for (const { name } of rows) await kept.query(`CREATE TABLE saved.${name} AS SELECT * FROM public.${name}`)
  const fills = rows.map(({ name }) => `INSERT INTO public.${name} SELECT * FROM saved.${name}`)
  const sequences = rows.map(({ name }) => `SELECT setval('${name}_id_seq', (SELECT max(id) FROM ${name}))`)
  return {
    truncate: `TRUNCATE ${rows.map(({ name }) => `public.${name}`).join(', ')} RESTART IDENTITY CASCADE`,
    fill: ['SET LOCAL session_replication_role = replica', ...fills, ...sequences].join('; '),
  }
}
