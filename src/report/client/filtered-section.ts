import { element } from '../../page/client/element.ts'
import type { LazyList } from '../../page/client/lazy-list.ts'
import type { Filter } from './filter.ts'

interface Section<Item> {
  readonly id: string
  readonly title: string
  readonly list: LazyList<Item>
  readonly items: readonly Item[]
  readonly accepts: (item: Item) => boolean
}

/** Returns a section with a list of the items accepted by the filter. A section without items is hidden. */
export function filteredSection<Item>(filter: Filter, { id, title, list, items, accepts }: Section<Item>): HTMLElement {
  const head = element('h2', { id: `${id}-title` }, `${title} (${items.length.toLocaleString()})`)
  const section = element('section', { id, 'aria-labelledby': head.id }, head, list.element)
  const update = (): void => {
    const shown = items.filter(accepts)
    section.hidden = shown.length === 0
    list.show(shown)
  }
  filter.onChange(update)
  update()
  return section
}
