// Says its argument in the middle of 512 KiB of noise that comes at once, and stays.
import { writeSync } from 'node:fs'

const noise = `${'noise '.repeat(20)}\n`.repeat(2_100)
writeSync(1, `${noise}${process.argv[2]}\n${noise}`)
setInterval(() => {}, 60_000)
