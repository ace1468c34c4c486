import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject } from 'vitest'
import { type ShellUnderTest, shellsUnderTest, testIn } from '../shell/installed-shells.ts'
import { useCleanState } from '../support/left-nothing.ts'
import { cases } from '../support/repeats.ts'
import { oddValue, type Ran, startProcess, useUserProject } from '../support/user-project.ts'

useCleanState()
const project = useUserProject()

const command = `'${process.execPath}' '${inject('installedCommand')}'`
const print = `'${process.execPath}' -p 'JSON.stringify(process.env)'`

/** As a user types it; `$?` is `$status` in fish and csh. */
function evaluate({ format }: ShellUnderTest, argv: string): string {
  return format === 'csh' ? `eval "\`${command} ${argv}\`"` : `eval "$(${command} ${argv})"`
}

function runScript(shell: ShellUnderTest, lines: readonly string[]): Promise<Ran> {
  const script = join(project.directory, `${shell.name.replaceAll(/\W/g, '-')}.script`)
  writeFileSync(script, lines.map((line) => `${line}\n`).join(''))
  return startProcess([...shell.argv, script], { cwd: project.directory, env: { LANG: 'C.UTF-8' } }).ended
}

function environments({ stdout }: Ran): Record<string, string>[] {
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'))
  return lines.map((line) => JSON.parse(line) as Record<string, string>)
}

/** A shell for each way to evaluate. */
const few = shellsUnderTest.filter(({ name }) => ['dash', 'zsh -f', 'fish --no-config', 'tcsh -f'].includes(name))

describe.each(cases(few, shellsUnderTest))('$name', (shell) => {
  testIn(shell, 'evaluates a start, with exact values, and a stop that unsets them', async () => {
    const ran = await runScript(shell, [
      evaluate(shell, '--daemonise web -q'),
      print,
      evaluate(shell, '--stop -q'),
      print,
    ])
    const [during = {}, after = {}] = environments(ran)
    expect(during.LP_WEB_URL, ran.stderr).toMatch(/^http:/)
    expect(during.ODD).toBe(oddValue)
    const left = Object.keys(after).filter((name) => /^LP_(?!STATE_DIR)|^WEB_URL|^ODD/.test(name))
    expect(left).toEqual([])
  })

  testIn(shell, 'fails where the start fails', async () => {
    const failed = shell.format === 'csh' || shell.format === 'fish' ? '$status' : '$?'
    const ran = await runScript(shell, [evaluate(shell, '--daemonise nosuch'), `echo "code ${failed}"`])
    expect(ran.stdout).toBe('code 1\n')
    expect(ran.stderr).toContain('unknown service "nosuch"')
  })
})
