import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { bundle } from './bundle.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

await bundle(`${root}/dist`)
if (!process.argv.includes('--no-types')) {
  execFileSync(`${root}/node_modules/.bin/tsc`, ['--project', `${root}/build/tsconfig.types.json`], {
    stdio: 'inherit',
  })
}
