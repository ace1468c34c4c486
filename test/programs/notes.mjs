// A fixture: `keeps-notes.mjs`, whose notes a reset removes.
import { fileURLToPath } from 'node:url'
import { command } from 'test-services'

export default command({
  command: [process.execPath, fileURLToPath(new URL('keeps-notes.mjs', import.meta.url))],
  reset: async ({ url }) => void (await fetch(url, { method: 'DELETE' })),
})
