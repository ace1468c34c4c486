import { ansiText } from './ansi-text.ts'
import { element } from './element.ts'
import { formatBytes } from './format.ts'

/** A text of a page: the whole text, or the beginning and the end. */
export interface ShownText {
  readonly name: string
  readonly href: string
  readonly size: number
  readonly excerpt?: { readonly head: string; readonly cutBytes: number; readonly tail: string } | undefined
}

/** Returns the text under its name, with a link to the whole file; the link alone without a text. */
export function textView(text: ShownText): HTMLElement {
  const link = element('a', { href: text.href, target: '_blank', rel: 'noopener' }, text.name)
  const size = element('span', { class: 'faint' }, ` ${formatBytes(text.size)}`)
  const { excerpt } = text
  if (!excerpt) return element('p', { class: 'file' }, link, size)
  const output = element('pre')
  if (excerpt.cutBytes > 0) {
    const cut = `… ${formatBytes(excerpt.cutBytes)} left out; the file has them …`
    output.append(ansiText(excerpt.head), element('span', { class: 'cut' }, cut))
  }
  output.append(ansiText(excerpt.tail))
  // A scrolling region has to be reachable by keyboard. The style shows the end first: the end tells most of a failure.
  const region = element('div', { class: 'from-end', tabindex: 0, role: 'region', 'aria-label': text.name }, output)
  return element('figure', { class: 'text' }, element('figcaption', {}, link, size), region)
}
