import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheEntry } from '../../src/host/cache/cache.ts'
import { sleep } from '../../src/kernel/deadline.ts'

/** Takes one entry of the cache in argv[2], noting in the file argv[3] each time it builds, which takes argv[4] ms. */
const [root = '', log = '', buildMs = '0'] = process.argv.slice(2)

const path = await cacheEntry({
  name: 'shared',
  key: ['one'],
  root,
  build: async (directory) => {
    appendFileSync(log, `${process.pid}\n`)
    writeFileSync(join(directory, 'half'), 'x')
    await sleep(Number(buildMs))
    writeFileSync(join(directory, 'whole'), 'x')
  },
})
process.stdout.write(path)
