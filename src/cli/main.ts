import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageDirectory } from '../host/modules/package-program.ts'

const { version } = JSON.parse(readFileSync(join(packageDirectory(), 'package.json'), 'utf8')) as { version: string }
const [first, ...others] = process.argv.slice(2)

// Scripts and prompts ask for the version: the answer costs no more than Node itself.
if ((first === '--version' || first === '-V') && others.length === 0) {
  process.stdout.write(`${version}\n`)
} else {
  const { runProcess } = await import('./command-line.ts')
  await runProcess(process.argv.slice(2), version)
}
