// Tells by the file `loading` that it is being loaded.
import { writeFileSync } from 'node:fs'

writeFileSync('loading', '')
await new Promise((resolve) => setTimeout(resolve, 12_000))

export { default } from './deaf.config.mjs'
