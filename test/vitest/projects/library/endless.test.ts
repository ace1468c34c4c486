/** One test that has a slot of the run's instance and an instance of its own, and does not end. */
import { useService } from 'test-services/vitest'
import { forever, tell } from '../support.ts'
import { config, test } from './test.ts'

const runsLibrary = process.env.LIBRARY_URL
const own = useService(config.services.library, { instance: 'unique' })

test('never ends', { timeout: 0 }, async ({ library }) => {
  tell({ running: 'yes', url: library.serviceConfig.url, own: own.serviceConfig.url, library: runsLibrary })
  await forever()
})
