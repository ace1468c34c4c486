// Ends 300 ms after SIGTERM, and leaves the file `peace` then.
import { writeFileSync } from 'node:fs'

process.on('SIGTERM', () =>
  setTimeout(() => {
    writeFileSync('peace', '')
    process.exit()
  }, 300),
)
setInterval(() => {}, 1000)
console.log('up')
