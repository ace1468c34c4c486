import { readFileSync } from 'node:fs'
import { type ScriptOptions, script } from '../../src/index.ts'
import { type EnvironmentDefinition, Session, type SessionAction } from '../../src/session.ts'

/** In its first argument, as JSON. */
interface Script {
  readonly user: string
  readonly environment?: EnvironmentDefinition
  /** A service of that user, whose config is said when it is up. */
  readonly service?: ScriptOptions
  /** Run in the present terminal. */
  readonly command?: readonly string[]
  /** One that says `up` as its status and has a `cancel` is canceled then; without, the line comes then. */
  readonly actions: readonly (SessionAction & { readonly cancel?: { readonly graceMs?: number } })[]
}

const { user, environment, service, command, actions } = JSON.parse(process.argv[2] ?? '') as Script
const say = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`)
const services = service ? { one: script({ ...service, user }) } : {}
const session = new Session({ user, services, continuesAfterFailure: true })

async function whenUp(act: () => void): Promise<void> {
  for await (const event of session)
    if (event.kind === 'action' && event.status.statusMessage === 'up') {
      act()
      return
    }
}

/** Runs actions one after the other as another user, and says in one line of JSON each what came of them. */
try {
  await session.enter()
  if (service) say(session.configs)
  if (command) say(await session.run({ argv: command, directory: '/' }))
  if (environment) await session.enterEnvironment(environment)
  for (const { cancel, ...action } of actions) {
    void whenUp(() => (cancel ? session.cancel(cancel) : say({ directory: session.workingDirectory })))
    const status = await session.runAction(action)
    say({ status, log: readFileSync(session.logFile, 'utf8'), directory: session.workingDirectory })
  }
  await session.end()
  say('ended')
} catch (thrown) {
  const { code, message } = thrown as { code?: string; message: string }
  say({ code, message })
}
