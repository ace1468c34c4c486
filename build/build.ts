import { fileURLToPath } from 'node:url'
import { bundle } from './bundle.ts'
import { buildTypes } from './types.ts'

const dist = fileURLToPath(new URL('../dist', import.meta.url))

await bundle(dist)
if (!process.argv.includes('--no-types')) await buildTypes(`${dist}/types`)
