// Says something and exits: says-and-exits.mjs TEXT [STATUS]
import { writeSync } from 'node:fs'

const [text, status = '0'] = process.argv.slice(2)
writeSync(1, `${text}\n`)
process.exit(Number(status))
