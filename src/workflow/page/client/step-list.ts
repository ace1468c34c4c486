import { element } from '../../../page/client/element.ts'
import type { PageStep } from '../page-data.ts'
import { StepView } from './step-view.ts'

/** The steps of the page, with a filter. */
export class StepList {
  readonly element: HTMLElement
  readonly #views: readonly StepView[]
  #text = ''
  #onlyFailures = false

  constructor(steps: readonly PageStep[]) {
    this.#views = steps.map((step) => new StepView(step))
    this.element = element(
      'section',
      { id: 'steps', 'aria-labelledby': 'steps-title' },
      element('h2', { id: 'steps-title' }, `Steps (${steps.length.toLocaleString()})`),
      ...this.#views.map((view) => view.element),
    )
  }

  /** Shows the steps that have all words of a text, in their name or in a command, and these commands. */
  filter(text: string): void {
    this.#text = text
    this.#update()
  }

  toggleFailures(): void {
    this.#onlyFailures = !this.#onlyFailures
    this.#update()
  }

  /** Opens all shown steps; closes them if all are open. */
  toggleAll(): void {
    const shown = this.#views.filter(({ element }) => !element.hidden)
    const areOpen = shown.every(({ element }) => element.open)
    for (const { element } of shown) element.open = !areOpen
  }

  #update(): void {
    for (const view of this.#views) {
      const hasText = view.filter(this.#text)
      view.element.hidden = (this.#onlyFailures && view.step.state === 'passed') || !hasText
    }
  }
}
