import { readFileSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import * as v from 'valibot'
import { execute } from '../action/execute.ts'
import { contentsOf, isOwnFile } from '../host/modules/project-files.ts'
import type { Deadline } from '../kernel/deadline.ts'
import { asError, CommandError, ConfigError } from '../kernel/errors.ts'
import { timedStep, unlessOver } from '../kernel/timed-step.ts'

type Argv = readonly [string, ...string[]]
type Step<Config> = Argv | ((config: Config) => Promise<void> | void)

/**
 * Steps from an empty database to the state in which every test begins. The state is made once per content, then
 * copied.
 */
export interface SqlTemplate<Config> {
  /**
   * Inputs of the template, as globs relative to the config. Without `migrate`: SQL files, run in the order of the
   * names. With `migrate`: files whose change makes a new template; a command requires `files`.
   */
  readonly files?: readonly string[]
  /**
   * A migration tool, as a command with `DATABASE_URL` and the variables of the server's own clients. The arguments
   * count for the content, including the content of project files among the arguments. Or a function, whose own text
   * counts; an imported module counts only if `files` names the module, and captured values never.
   */
  readonly migrate?: Step<Config>
  /** Puts data into the migrated database: a command or a function like `migrate`. */
  readonly seed?: Step<Config>
}

const stepSchema = v.union([v.pipe(v.array(v.string()), v.nonEmpty()), v.function()])

export const templateSchema = v.strictObject({
  files: v.optional(v.pipe(v.array(v.string()), v.nonEmpty())),
  migrate: v.optional(stepSchema),
  seed: v.optional(stepSchema),
})

export interface TemplateRequest<Config> {
  /** Label of the instance, for messages. */
  readonly label: string
  readonly template: SqlTemplate<Config>
  /** Base directory of the globs, and working directory of the commands. */
  readonly directory: string
  /** Called at the beginning of each step, with a message for people. */
  readonly onStep?: ((message: string) => void) | undefined
}

/**
 * Returns all inputs on which the content of a template depends, as far as known.
 *
 * @throws ERR_CONFIG for a command without files: the inputs of the command could change, and the old template would
 * stay
 */
export async function templateKey<Config>(request: TemplateRequest<Config>): Promise<unknown[]> {
  const { label, directory } = request
  const { files, migrate, seed } = request.template
  const command = Object.entries({ migrate, seed }).find(([, step]) => typeof step === 'object')?.[0]
  if (!files && command)
    throw new ConfigError(
      `${label}: template.${command} is a command: ${migrate ? '' : 'give it as "migrate", and '}list its inputs in ` +
        `"files", such as ['prisma/**']; otherwise a change would go unnoticed, and the old template would be used`,
    )
  const keyOf = (step: Step<Config> | undefined): unknown =>
    typeof step === 'object'
      ? [
          step,
          contentsOf(
            step.filter((argument) => isOwnFile(argument, directory)),
            directory,
          ),
        ]
      : String(step)
  return [contentsOf(await templateFiles(request), directory), keyOf(migrate), keyOf(seed)]
}

/** @throws ERR_CONFIG if the globs match nothing, which is a spelling mistake more often than a wish */
async function templateFiles<Config>({ label, template, directory }: TemplateRequest<Config>): Promise<string[]> {
  const { files } = template
  if (!files) return []
  const { glob } = await import('tinyglobby')
  const found = await glob([...files], { cwd: directory })
  if (found.length > 0) return found.toSorted()
  throw new ConfigError(`${label}: template.files: nothing in ${directory} matches ${files.join(', ')}`)
}

interface SqlScript {
  readonly name: string
  readonly text: string
}

/** The database that becomes a template. */
export interface TemplateTarget<Config> {
  readonly config: Config
  /** Environment of the commands. */
  readonly environment: Readonly<Record<string, string>>
  /** SQL that comes before the user's. */
  readonly scripts?: readonly SqlScript[]
  /** Connects for a series of scripts. A script ends soon after the signal. */
  readonly connect: (
    series: (run: (text: string, signal: AbortSignal) => Promise<unknown>) => Promise<void>,
  ) => Promise<void>
  readonly deadline: Deadline
}

type Filling<Config> = TemplateRequest<Config> & TemplateTarget<Config>

/**
 * Fills the database of the config. A function that misses the deadline is not awaited any longer: stop the function's
 * server.
 *
 * @throws ERR_COMMAND with the output of the failed command, or with file and line of the failed SQL; ERR_DEADLINE,
 * ERR_CANCELED with the step
 */
export async function fillTemplate<Config extends { readonly password: string }>(
  filling: Filling<Config>,
): Promise<void> {
  const { template, directory, connect } = filling
  const { migrate, seed } = template
  const files = migrate ? [] : await templateFiles(filling)
  const own = files.map((name) => ({ name, text: readFileSync(resolve(directory, name), 'utf8') }))
  const scripts = [...(filling.scripts ?? []), ...own]
  if (scripts.length > 0)
    await connect(async (run) => {
      for (const script of scripts)
        await timed(filling, script.name, (signal) => attempt(filling, script, () => run(script.text, signal)))
    })
  if (migrate) await runStep('migrate', migrate, filling)
  if (seed) await runStep('seed', seed, filling)
}

async function runStep<Config extends { readonly password: string }>(
  name: string,
  step: Step<Config>,
  filling: Filling<Config>,
): Promise<void> {
  const { label, directory, config, environment } = filling
  if (typeof step === 'function')
    return timed(filling, name, (signal) =>
      unlessOver(
        signal,
        attempt(filling, { name, text: '' }, () => step(config)),
      ),
    )
  const PATH = [...localPrograms(directory), environment.PATH ?? ''].join(delimiter)
  const command = { name: notMade(label, name), argv: step, directory, secrets: [config.password] }
  await timed(filling, `${name} (${step.join(' ')})`, (signal) =>
    execute({ ...command, environment: { ...environment, PATH }, signal }),
  )
}

function timed<Config>(
  { label, deadline, onStep }: Filling<Config>,
  step: string,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  onStep?.(`makes the template: ${step}`)
  return timedStep(notMade(label, step), deadline, work)
}

/** @throws ERR_COMMAND with the name, and with the line if the error has a position in the text */
async function attempt<Config>(
  { label }: Filling<Config>,
  { name, text }: SqlScript,
  work: () => unknown,
): Promise<void> {
  try {
    await work()
  } catch (thrown) {
    const { message, position } = asError(thrown) as Error & { readonly position?: string }
    const line = position && text ? `:${text.slice(0, Number(position)).split('\n').length}` : ''
    throw new CommandError(`${notMade(label, name)}${line}: ${message}`, undefined, { cause: thrown })
  }
}

/** Returns the beginning of the message about a step that fails. */
export function notMade(label: string, step: string): string {
  return `${label}: the template cannot be made: ${step}`
}

/** Returns the directories of programs installed in the project, from the directory upward. */
function localPrograms(directory: string): string[] {
  const parent = dirname(directory)
  const own = join(directory, 'node_modules/.bin')
  return parent === directory ? [own] : [own, ...localPrograms(parent)]
}
