import { element } from './element.ts'

/** Rows made at first, and each time when the end of the list comes into view. */
const batch = 100

/** A list of any length; rows are made when the end of the list comes into view. */
export class LazyList<Item> {
  readonly element: HTMLElement
  readonly #rowOf: (item: Item) => HTMLElement
  readonly #end = element('li', { class: 'list-end', 'aria-hidden': 'true' })
  #items: readonly Item[] = []
  #made = 0

  constructor(rowOf: (item: Item) => HTMLElement, attributes: Readonly<Record<string, string>> = {}) {
    this.#rowOf = rowOf
    this.element = element('ul', { class: 'list', ...attributes })
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
