import { writeFileSync } from 'node:fs'
import { test } from 'vitest'
import { add, databaseName } from './app.js'

// Vitest runs larger files first, so that this file comes before survives.test.ts, which looks for what it writes.
test('adds a user, and kills its worker', async () => {
  await add('Ada')
  writeFileSync('dies.ran', await databaseName())
  process.kill(process.pid, 'SIGKILL')
  await new Promise(() => {})
})
