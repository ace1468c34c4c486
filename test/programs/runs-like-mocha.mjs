// Runs a test file with the globals of Mocha.
import { resolve } from 'node:path'
import * as runner from 'node:test'
import { pathToFileURL } from 'node:url'

const context = { timeout: () => {} }
const hook = (add) => (work) => add(() => work.call(context))
Object.assign(globalThis, { it: runner.test, beforeEach: runner.beforeEach })
Object.assign(globalThis, { before: hook(runner.before), after: hook(runner.after) })
await import(pathToFileURL(resolve(process.argv[2])).href)
