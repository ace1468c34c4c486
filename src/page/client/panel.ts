import { element } from './element.ts'

/** A panel at the side of the page for details, such as of a test. The focus goes back when the panel closes. */
export class Panel {
  readonly #title = element('h2', { id: 'panel-title', tabindex: -1 })
  readonly #content = element('div', { class: 'panel-content' })
  readonly element = element(
    'aside',
    { class: 'panel', 'aria-labelledby': 'panel-title', hidden: true },
    element(
      'header',
      {},
      this.#title,
      element('button', { type: 'button', class: 'close', click: () => this.close(), 'aria-label': 'Close' }, '✕'),
    ),
    this.#content,
  )
  #returnTo: Element | null = null
  /** Called when the panel has closed. */
  onClose: () => void = () => {}

  get isOpen(): boolean {
    return !this.element.hidden
  }

  open(title: string, ...content: readonly Node[]): void {
    if (!this.isOpen) this.#returnTo = document.activeElement
    this.#title.textContent = title
    this.#content.replaceChildren(...content)
    this.element.hidden = false
    this.element.scrollTop = 0
    document.body.classList.add('has-panel')
    this.#title.focus({ preventScroll: true })
  }

  close(): void {
    if (!this.isOpen) return
    this.element.hidden = true
    document.body.classList.remove('has-panel')
    if (this.#returnTo instanceof HTMLElement || this.#returnTo instanceof SVGElement)
      this.#returnTo.focus({ preventScroll: true })
    this.onClose()
  }
}
