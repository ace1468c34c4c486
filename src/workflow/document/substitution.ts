import { secretsIn } from '../../kernel/secrets.ts'
import { nearest } from '../../kernel/suggestion.ts'
import { isDictionary, typeName } from '../../yaml/dictionary.ts'
import type { YamlPath } from '../../yaml/yaml-nodes.ts'
import { missingValue } from '../config/missing-value.ts'
import type { WorkflowConfig } from '../config/workflow-config.ts'
import type { Findings } from './findings.ts'

const opening = '{{'
/** A substitution, or the beginning of one without an end. */
const form = /\{\{(.*?)\}\}|\{\{/g
const whole = /^\s*\{\{((?:(?!\}\}|\{\{).)*)\}\}\s*$/
const configForm = /^config\.([\w-]+(?:\.[\w-]+)*)$/
const variableForm = /^local\.env\.([A-Za-z_]\w*)$/
const literalForm = /^(['"])\{\{\1$/

/** Where the values come from. */
export interface Sources {
  readonly config: WorkflowConfig
  readonly environment: NodeJS.ProcessEnv
}

/** Replaces `{{ config.a.b }}` and `{{ local.env.NAME }}` in the values of a workflow. */
export class Substitution {
  /** Secret values that came from the environment. */
  readonly secrets: string[] = []
  readonly #sources: Sources
  readonly #findings: Findings

  constructor(sources: Sources, findings: Findings) {
    this.#sources = sources
    this.#findings = findings
  }

  /** Replaces in all texts of a value. A text that is nothing but one substitution becomes the value, of any type. */
  in(value: unknown, path: YamlPath): unknown {
    if (typeof value === 'string') return this.#inText(value, path)
    if (Array.isArray(value)) return value.map((each, i) => this.in(each, [...path, i]))
    if (!isDictionary(value)) return value
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.in(each, [...path, key])]))
  }

  /** Whether a text is nothing but one substitution. */
  isWhole(text: string): boolean {
    return whole.test(text)
  }

  /**
   * Replaces in a text, or in a part of a text.
   *
   * @param before number of `{{` in the text before the part
   */
  text(text: string, path: YamlPath, before = 0): string {
    return text.replaceAll(form, (match, expression: string | undefined, offset: number) => {
      const n = before + countOpenings(text.slice(0, offset))
      const value = this.#valueOf(expression, { match, path, n })
      if (value === undefined) return match
      if (['string', 'number', 'boolean'].includes(typeof value)) return String(value)
      const message = `${expression?.trim()} is ${typeName(value)}; inside a text it must be a text, a number or a boolean`
      this.#findings.addInText(path, { part: opening, n }, message)
      return match
    })
  }

  #inText(text: string, path: YamlPath): unknown {
    const [, expression] = whole.exec(text) ?? []
    if (expression === undefined) return this.text(text, path)
    const value = this.#valueOf(expression, { match: text.trim(), path, n: 0 })
    return value === undefined ? text : value
  }

  #valueOf(expression: string | undefined, at: Occurrence): unknown {
    const name = expression?.trim() ?? ''
    if (literalForm.test(name)) return opening
    const [, configPath] = configForm.exec(name) ?? []
    if (configPath !== undefined) return this.#configValue(configPath, at)
    const [, variable] = variableForm.exec(name) ?? []
    if (variable !== undefined) return this.#variable(variable, at)
    const what = expression === undefined ? '{{ without }}' : `${at.match} is no substitution`
    const expected = 'expected {{ config.a.b }} or {{ local.env.NAME }}'
    this.#findings.addInText(
      at.path,
      { part: opening, n: at.n },
      `${what}: ${expected}; write {{ '{{' }} for the braces themselves`,
    )
    return undefined
  }

  #configValue(path: string, { path: place, n }: Occurrence): unknown {
    const { config } = this.#sources
    const value = config.value(path)
    if (value !== undefined) return value
    this.#findings.addInText(place, { part: opening, n }, missingValue(path, config))
    return undefined
  }

  #variable(name: string, { path, n }: Occurrence): unknown {
    const { environment } = this.#sources
    const value = environment[name]
    if (value !== undefined) {
      this.secrets.push(...secretsIn({ [name]: value }))
      return value
    }
    const similar = nearest(name, Object.keys(environment))
    const advice = similar === undefined ? '' : ` (did you mean ${similar}?)`
    this.#findings.addInText(path, { part: opening, n }, `the variable ${name} is not set${advice}`)
    return undefined
  }
}

/** Place of a substitution. */
interface Occurrence {
  readonly match: string
  readonly path: YamlPath
  /** Number of `{{` before it in the text. */
  readonly n: number
}

/** Counts the `{{` in a text. */
export function countOpenings(text: string): number {
  return text.split(opening).length - 1
}
