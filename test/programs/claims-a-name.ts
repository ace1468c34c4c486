import { tryClaim } from '../../src/host/claim.ts'

/** Tries every name below a directory, `$1/0` to `$1/<$2 - 1>`, and prints those that it got. */
const [directory = '', count, holder = ''] = process.argv.slice(2)
const names = Array.from({ length: Number(count) }, (_, index) => `${directory}/${index}`)
process.stdout.write(`${JSON.stringify(names.filter((name) => tryClaim(name, holder)))}\n`)
