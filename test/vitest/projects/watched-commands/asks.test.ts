import { existsSync, rmSync } from 'node:fs'
import { ask, tell } from '../support.ts'
import { test } from './test.ts'

const name = 'a'

test('asks', async ({ server, front }) => {
  tell({ [`${name} ${await ask(server)} ${await ask(front)}`]: 'yes' })
  if (!existsSync('crash-the-server')) return
  rmSync('crash-the-server')
  await ask(server, '/crash').catch(() => tell({ crashed: 'yes' }))
})
