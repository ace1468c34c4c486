import { expect, test } from 'vitest'
import { librarian } from '../../fixtures/librarian/index.ts'
import { chosenProfile, openSession, type Stack } from '../../src/config/stack.ts'
import { type Config, defineConfig } from '../../src/index.ts'

const config = defineConfig({
  services: { files: librarian() },
  profiles: { development: { files: { port: 15_000 } }, ci: {} },
})
const project = '/project/test-services.config.ts'
const stack: Stack = { config: config as Config, project, directory: '/project', prefix: 'LP', names: [] }

test('LP_CONFIG chooses the profile, under the prefix of the config', () => {
  expect(chosenProfile('LP', { LP_CONFIG: 'ci' })).toBe('ci')
  expect(chosenProfile('MY', { LP_CONFIG: 'ci', MY_CONFIG: 'development' })).toBe('development')
  expect(chosenProfile('LP', {})).toBeUndefined()
  expect(chosenProfile('LP', { LP_CONFIG: '' })).toBeUndefined()
})

test('a profile that there is not is refused, with those that there are', () => {
  expect(() => openSession(stack, { profile: 'develop' })).toThrow(
    `profiles.develop, which LP_CONFIG asks for: there is no such profile in ${project}; expected development, ci`,
  )
})

test('a profile where the config has none is refused', () => {
  const without = { ...stack, config: defineConfig({ services: { files: librarian() } }) as Config }
  expect(() => openSession(without, { profile: 'ci' })).toThrow(`no such profile in ${project}; it has no profiles`)
})

test('a profile without a config file is refused, and the searched directory is named', () => {
  const without = { ...stack, project: stack.directory, config: defineConfig({ services: {} }) as Config }
  expect(() => openSession(without, { profile: 'ci' })).toThrow(
    'there is no such profile: no test-services.config.ts was found from /project upward',
  )
})
