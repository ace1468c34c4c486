import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { keyForGuardian } from '../../src/run/guardian-key.ts'
import { openSecret, sealSecret } from '../../src/run/sealed-secret.ts'

const module = new URL('../../src/run/sealed-secret.ts', import.meta.url).href

/** Opens a sealed secret in a new process. */
function openElsewhere(sealed: string, environment: Readonly<Record<string, string>>): string {
  const script = `const { openSecret } = await import(process.argv[1]); console.log(openSecret(process.argv[2]))`
  const argv = ['--import', 'tsx', '--input-type=module', '-e', script, module, sealed]
  return execFileSync(process.execPath, argv, { encoding: 'utf8', env: { ...process.env, ...environment } }).trim()
}

test('a sealed secret is opened by its process and its guardian, and by nobody else', () => {
  const sealed = sealSecret('an open sésame')
  expect(Buffer.from(sealed, 'base64').toString()).not.toContain('open')
  const opened = [openSecret(sealed), openElsewhere(sealed, keyForGuardian()), openElsewhere(sealed, {})]
  expect(opened).toEqual(['an open sésame', 'an open sésame', 'undefined'])
})

test('a damaged secret is not opened', () => {
  const [first, ...rest] = sealSecret('a secret')
  expect([openSecret(''), openSecret(`${first === 'A' ? 'B' : 'A'}${rest.join('')}`)]).toEqual([undefined, undefined])
})
