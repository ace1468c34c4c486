import { element } from './element.ts'

/** Rows made at first, and each time when the end of the list comes into view. */
const batch = 100

/** A list of any length; rows are made when the end of the list comes into view. */
export class LazyList<Item> {
  readonly element: HTMLElement
  readonly #rowOf: (item: Item) => HTMLElement
  readonly #end: HTMLElement
  #items: readonly Item[] = []
  #made = 0

  /** @param kind `rows` for the rows of a table. Default: a list of its own */
  constructor(rowOf: (item: Item) => HTMLElement, kind: 'list' | 'rows' = 'list') {
    this.#rowOf = rowOf
    this.element = kind === 'rows' ? element('tbody') : element('ul', { class: 'list' })
    this.#end = element(kind === 'rows' ? 'tr' : 'li', { class: 'list-end', 'aria-hidden': 'true' })
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) this.#makeMore()
      },
      { rootMargin: '600px' },
    )
    observer.observe(this.#end)
  }

  show(items: readonly Item[]): void {
    this.#items = items
    this.#made = 0
    this.element.replaceChildren(this.#end)
    this.#makeMore()
  }

  #makeMore(): void {
    const rows = this.#items.slice(this.#made, this.#made + batch).map(this.#rowOf)
    this.#made += rows.length
    this.#end.before(...rows)
    this.#end.hidden = this.#made >= this.#items.length
  }
}
