import { forever, tell } from '../support.ts'
import { test } from './test.ts'

test('never ends', { timeout: 0 }, async ({ db }) => {
  tell({ running: 'yes', database: db.serviceConfig.database })
  await forever()
})
