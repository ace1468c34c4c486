import { asError, ConfigError, ContractError } from '../kernel/errors.ts'
import { Turns } from '../kernel/turns.ts'
import type { ServiceDefinition, ServiceOf } from '../service/definition.ts'
import { attachCases } from './attach-cases.ts'
import { CaseDirectory } from './case-directory.ts'
import type { CasePlan } from './case-plan.ts'
import { configCases } from './config-cases.ts'
import type { ContractOptions, Hook } from './contract-options.ts'
import { endCases } from './end-cases.ts'
import { faultCases } from './fault-cases.ts'
import { Ground, type Subject } from './ground.ts'
import { untilEmpty } from './leftovers.ts'
import { lifeCycleCases, proveNothingLeft } from './life-cycle-cases.ts'
import { resetCases } from './reset-cases.ts'

/** A test of a fixture, for any test runner. */
export interface ContractCase {
  /** The promise, as a fact. */
  readonly name: string
  /** Time limit for the test runner, in milliseconds. */
  readonly timeoutMs: number
  /** @throws ERR_CONTRACT with the broken promise, the broken fact, and the end of the service's log */
  readonly run: () => Promise<void>
}

/** A case without the needed options. */
export interface LeftOutCase {
  readonly name: string
  /** The options to give. */
  readonly needs: readonly string[]
}

/** Cases of a fixture, and the cases left out. */
export interface Contract extends ReadonlyArray<ContractCase> {
  readonly leftOut: readonly LeftOutCase[]
}

const defaultCaseMs = 60_000

/**
 * Makes the tests for every fixture. Register each with a test runner: `for (const { name, run } of cases) test(name,
 * run)`. Cases run one by one, each with a state directory and a temporary directory of its own.
 *
 * @throws ERR_CONFIG for a definition with needs
 */
export function fixtureContract<D extends ServiceDefinition>(
  definition: D,
  options: ContractOptions<ServiceOf<D>> = {},
): Contract {
  if (definition.needs.length > 0)
    throw new ConfigError(`fixtureContract(): ${definition.kind} needs other services; give a definition without needs`)
  const subject: Subject = { definition, options: { ...(options as ContractOptions), hasProcess: hasProcess(options) } }
  const leaks: string[] = []
  const plans = [
    ...lifeCycleCases,
    ...configCases,
    ...attachCases,
    ...resetCases(subject.options),
    ...faultCases,
    ...endCases,
  ]
  const cases = [...plans, nothingLeft(leaks)].map((plan) => ({ plan, needs: missing(plan, subject.options) }))
  const given = cases.filter(({ needs }) => needs.length === 0).map(({ plan }) => caseOf(plan, subject, leaks))
  const leftOut = cases.flatMap(({ plan, needs }) => (needs.length > 0 ? [{ name: plan.name, needs }] : []))
  return Object.assign(given, { leftOut })
}

/** Returns `undefined` to leave out the case about the process. */
function hasProcess({ hasProcess = true }: Pick<ContractOptions, 'hasProcess'>): boolean | undefined {
  return hasProcess || undefined
}

function missing({ needs }: CasePlan, options: ContractOptions): Hook[] {
  return needs.filter((name) => options[name] === undefined)
}

function caseOf(plan: CasePlan, subject: Subject, leaks: string[]): ContractCase {
  const timeoutMs = Math.max(defaultCaseMs, 2 * (subject.options.timeoutMs ?? 0))
  return { name: plan.name, timeoutMs, run: () => turns.do(() => runCase(plan, subject, leaks)) }
}

function nothingLeft(leaks: readonly string[]): CasePlan {
  return {
    name: 'nothing is left at the end',
    needs: [],
    async prove(ground) {
      if (leaks.length > 0) throw new Error(`earlier cases have left something behind:\n  ${leaks.join('\n  ')}`)
      await proveNothingLeft(ground)
    },
  }
}

/** Only a single case runs at a time, since cases change the environment of this process. */
const turns = new Turns()

async function runCase(plan: CasePlan, subject: Subject, leaks: string[]): Promise<void> {
  const place = new CaseDirectory()
  const leave = place.enter()
  const ground = new Ground(subject, place)
  try {
    await prove(plan, ground)
    leaks.push(...(await leaksOf(plan, place, leaks.length > 0)))
  } finally {
    leave()
    place.remove()
  }
}

async function prove(plan: CasePlan, ground: Ground): Promise<void> {
  let failure: Error | undefined
  try {
    await plan.prove(ground)
  } catch (thrown) {
    failure = new ContractError(plan.name, asError(thrown), ground.logTail())
  }
  const [first] = await ground.cleanUp()
  if (failure) throw failure
  if (first) throw new ContractError(plan.name, first, '')
}

/** Returns the leftovers of a case. After a first leak, later cases look only once: the 5 s are waited only once. */
async function leaksOf({ name }: CasePlan, place: CaseDirectory, isLeaky: boolean): Promise<string[]> {
  const looks = isLeaky ? place.looks.slice(0, 2) : place.looks
  if (isLeaky) return looks.flatMap((look) => look()).map((leak) => `${name}: ${leak}`)
  const error = await untilEmpty(looks).then(() => undefined, asError)
  return error ? [`${name}: ${error.message}`] : []
}
