import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Ran, useUserProject } from '../../support/user-project.ts'

const { directory, run, write } = useUserProject('')

/** Gives another id of the boot from the third time on. */
const fakeCat = '#!/bin/sh\necho x >>calls\n[ "$(wc -l <calls)" -ge 3 ] && echo second || echo first\n'
chmodSync(write('bin/cat', fakeCat), 0o755)

async function wait(args: object): Promise<Ran> {
  const environment = { PATH: `${directory}/bin:${process.env.PATH}` }
  write(
    'workflow.yaml',
    JSON.stringify({ steps: [{ name: 'wait', uses: 'wait-for-transport', environment, with: args }] }),
  )
  return run(['workflow'])
}

test('waits until the command succeeds', async () => {
  expect(await wait({ command: `echo x >> ${join(directory, 'count')}; [ "$(wc -l < count)" -ge 3 ]` })).toMatchObject({
    code: 0,
  })
})

test('waits for another boot of the machine', async () => {
  expect(await wait({ reboot: 'touch rebooted; exit 255' })).toMatchObject({ code: 0 })
  expect(existsSync(join(directory, 'rebooted'))).toBe(true)
  expect(readFileSync(join(directory, 'calls'), 'utf8')).toBe('x\nx\nx\n')
})

test('ends at its limit, with the last attempt', async () => {
  const { code, stderr } = await wait({ command: 'exit 7', timeout: '1s' })
  expect(code).toBe(1)
  expect(stderr).toMatch(/waiting for the transport \(the last attempt: "exit 7" ended with exit code 7\) took longer/)
})
