// Runs a test file as Jest does: in a context of its own, with a `require` that loads no ES modules, and with globals.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { dirname, resolve } from 'node:path'
import * as runner from 'node:test'
import vm from 'node:vm'

const builtins = { module: { createRequire: requireOf }, vm }
const sandbox = vm.createContext({
  ...Object.fromEntries(Object.getOwnPropertyNames(globalThis).map((name) => [name, globalThis[name]])),
  process: { ...process, getBuiltinModule: (id) => builtinOf(id) },
  test: runner.test,
  beforeEach: runner.beforeEach,
  beforeAll: runner.before,
  afterAll: runner.after,
  expect: (value) => ({ toBe: (wanted) => assert.equal(value, wanted) }),
})

function builtinOf(id) {
  return builtins[id.replace('node:', '')] ?? process.getBuiltinModule(id)
}

function requireOf(path) {
  const own = createRequire(path)
  return (id) => {
    if (isBuiltin(id)) return builtinOf(id)
    const file = own.resolve(id)
    // Other packages are CommonJS already.
    return file.includes('/test-services/') ? load(file) : own(id)
  }
}

function load(path) {
  if (path.includes('/test-services/') && !path.endsWith('.cjs')) throw new Error(`Must use import to load ${path}`)
  const parameters = ['module', 'exports', 'require', '__filename', '__dirname']
  const body = vm.compileFunction(readFileSync(path, 'utf8'), parameters, { filename: path, parsingContext: sandbox })
  const module = { exports: {} }
  body(module, module.exports, requireOf(path), path, dirname(path))
  return module.exports
}

load(resolve(process.argv[2]))
