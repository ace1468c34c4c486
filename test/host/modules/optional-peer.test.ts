import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { optionalPeer } from '../../../src/host/modules/optional-peer.ts'
import { caught } from '../../support/caught.ts'
import { useUserProject } from '../../support/user-project.ts'

const project = useUserProject('')
project.write('node_modules/whole/package.json', '{ "name": "whole", "main": "index.js" }')
project.write('node_modules/whole/index.js', "require('part')")
project.write('node_modules/broken/package.json', '{ "name": "broken", "main": "gone.js" }')

const require = createRequire(`${project.directory}/index.js`)
const load = (name: string) => async () => require(name)

test('a client library that is not there is an error that says what installs it', async () => {
  const error = await caught(optionalPeer('absent', load('absent')))
  expect(error).toMatchObject({ code: 'ERR_MISSING_BINARY' })
  expect(error.message).toBe('the client library absent is not installed: npm install --save-dev absent')
})

test.each([
  ['whole', "Cannot find module 'part'"],
  ['broken', 'Cannot find module '],
])('a client library %s that lacks a module is an error that names the module', async (name, missing) => {
  const error = await caught(optionalPeer(name, load(name)))
  expect(error).toMatchObject({ code: 'ERR_MISSING_BINARY' })
  expect(error.message).toContain(`the client library ${name} is installed, but incomplete: ${missing}`)
  expect(error.message).not.toContain('\n')
})
