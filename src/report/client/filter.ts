import type { ReportTest } from '../report-data.ts'
import { failureStatuses } from '../statuses.ts'

/** The choice of shown tests: by statuses, and by a text in names and notes. */
export class Filter {
  readonly statuses = new Set<string>()
  #words: readonly string[] = []
  readonly #listeners: (() => void)[] = []

  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** All words have to be found. */
  setText(text: string): void {
    this.#words = text.toLowerCase().split(/\s+/).filter(Boolean)
    this.#changed()
  }

  toggle(status: string): void {
    if (!this.statuses.delete(status)) this.statuses.add(status)
    this.#changed()
  }

  /** Chooses failures of all kinds alone, or ends this choice. */
  toggleFailures(): void {
    const isChosen = failureStatuses.every((status) => this.statuses.has(status))
    this.statuses.clear()
    if (!isChosen) for (const status of failureStatuses) this.statuses.add(status)
    this.#changed()
  }

  clear(): void {
    this.statuses.clear()
    this.setText('')
  }

  get isActive(): boolean {
    return this.statuses.size > 0 || this.#words.length > 0
  }

  accepts(test: ReportTest): boolean {
    if (this.statuses.size > 0 && !this.statuses.has(test.status)) return false
    if (this.#words.length === 0) return true
    const results = test.results.map(({ name = '', note = '' }) => `${name} ${note}`)
    const text = [test.name, test.platform, ...results].join(' ').toLowerCase()
    return this.#words.every((word) => text.includes(word))
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }
}
