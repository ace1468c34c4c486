import { processExists } from '../kernel/process-exists.ts'
import {
  namesIn,
  persistentLabels,
  persistentVariable,
  plainNamesVariable,
  urlsVariable,
  variableNames,
} from '../service/instance/variables.ts'
import { upperSnake } from '../service/options/label.ts'
import { type Environment, parseUrls, type Variables } from './declared-variables.ts'

/** Variables to set; `null` unsets. */
export type Changes = Readonly<Record<string, string | null>>

export interface Withdrawal {
  readonly prefix: string
  /** The variables of the stopped holder. Default: removes every variable that no living holder declares. */
  readonly own?: Variables | undefined
  /** Whether the present value of a variable comes from a different holder. */
  readonly isOthers: (name: string) => boolean
}

/**
 * Returns the changes that remove a holder's variables from an environment, and keep the variables of all holders
 * besides.
 */
export function withdrawnFrom(environment: Environment, withdrawal: Withdrawal): Changes {
  const { prefix, own = {}, isOthers } = withdrawal
  const gone = labelsGone(environment, withdrawal)
  const plain = namesIn(environment[plainNamesVariable(prefix)] ?? '')
  const remains = withdrawal.own ? [] : plain
  const services = gone.flatMap((label) => variableNames(environment, prefix, label))
  const unset = [...services, ...[...Object.keys(own), ...remains].filter((name) => !isOthers(name))]
  const lists = {
    [persistentVariable(prefix)]: labelsIn(environment, prefix)
      .filter((label) => !gone.includes(label))
      .join(','),
    [plainNamesVariable(prefix)]: plain.filter((name) => !unset.includes(name)).join(','),
    [urlsVariable(prefix)]: urlsWithout(environment[urlsVariable(prefix)], gone),
  }
  // A shell without the holder's variables is told to unset the lists anyway.
  const before = (name: string): string | undefined => environment[name] ?? (Object.hasOwn(own, name) ? undefined : '')
  const isChanged = ([name, list]: [string, string]): boolean => list !== before(name)
  const changed = Object.entries(lists).filter(isChanged)
  return Object.fromEntries([
    ...unset.filter((name) => !Object.hasOwn(lists, name)).map((name) => [name, null] as const),
    ...changed.map(([name, list]) => [name, list === '' ? null : list] as const),
  ])
}

function labelsIn(environment: Environment, prefix: string): string[] {
  return persistentLabels(environment, prefix) ?? []
}

function labelsGone(environment: Environment, { prefix, own, isOthers }: Withdrawal): string[] {
  const isOwn = (label: string): boolean => own === undefined || labelsIn(own, prefix).includes(label)
  const isKept = (label: string): boolean => variableNames(environment, prefix, label).some(isOthers)
  return labelsIn(environment, prefix).filter(
    (label) => isOfDeadHolder(environment, prefix, label) || (isOwn(label) && !isKept(label)),
  )
}

/** Whether the holder of a service is gone; another holder may have a service with this label and some equal values. */
function isOfDeadHolder(environment: Environment, prefix: string, label: string): boolean {
  const pid = Number(environment[`${prefix}_${label}_CONTROL_PID`])
  return Number.isInteger(pid) && pid > 0 && !processExists(pid)
}

function urlsWithout(text: string | undefined, gone: readonly string[]): string {
  const left = Object.entries(parseUrls(text ?? '{}')).filter(([name]) => !gone.includes(upperSnake(name)))
  return left.length > 0 ? JSON.stringify(Object.fromEntries(left)) : ''
}
