import { writeFile } from 'node:fs/promises'

/**
 * Writes a CommonJS file beside each module, for `require`. The file returns the ES module itself.
 *
 * A second build in CommonJS would have a second state in the same process: another run, another guardian.
 */
export async function writeCommonJs(directory: string, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => writeFile(`${directory}/${name}.cjs`, textFor(name))))
}

function textFor(name: string): string {
  const file = `${name.split('/').at(-1)}.js`
  return `'use strict'
// Jest gives each test file a "require" of its own, which loads no ES modules: Node's own is reached through "vm".
const { getBuiltinModule } = require('node:vm').runInThisContext('process')
const { Module } = getBuiltinModule('node:module')
const file = getBuiltinModule('node:path').join(__dirname, '${file}')
// Not by "require": a compiler that hooks into it, such as tsx, would make a second module of it.
const loaded = new Module(file)
loaded.filename = file
loaded._compile(getBuiltinModule('node:fs').readFileSync(file, 'utf8'), file, 'module')
module.exports = loaded.exports
`
}
