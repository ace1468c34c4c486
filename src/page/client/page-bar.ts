import { element } from './element.ts'
import { type Key, keysDialog, listenForKeys } from './keyboard.ts'
import { themeButton } from './theme.ts'

interface PageBar {
  readonly links: readonly HTMLAnchorElement[]
  readonly search: HTMLInputElement
  /** Selects what the keys j and k go through. */
  readonly stops: string
  /** Name of a stop, for the list of keys. */
  readonly stop: string
  /** Keys of the page besides the keys of all pages. */
  readonly keys: readonly Key[]
  readonly onEscape: Omit<Key, 'key'>
  /** Effect of the key Enter on a stop. */
  readonly enter: string
}

/** Adds the bar at the top of a page, the keys, and the dialog that lists them. */
export function addPageBar({ links, search, stops, stop, keys, onEscape, enter }: PageBar): void {
  const all: Key[] = [
    { key: '/', effect: 'filter', run: () => search.focus() },
    { key: 'j', effect: `next ${stop}`, run: () => moveFocus(stops, 1) },
    { key: 'k', effect: `previous ${stop}`, run: () => moveFocus(stops, -1) },
    ...keys,
    { key: 'Escape', ...onEscape },
    { key: '?', effect: 'these keys', run: () => dialog.showModal() },
  ]
  const dialog = keysDialog([...all, { key: 'Enter', effect: enter }])
  const showKeys = { type: 'button', 'aria-label': 'Keys', title: 'Keys', click: () => dialog.showModal() }
  const help = element('button', showKeys, '?')
  const attributes = { class: 'topbar', 'aria-label': 'Parts of the page' }
  document.body.prepend(element('nav', attributes, ...links, search, themeButton(), help))
  document.body.append(dialog)
  listenForKeys(all)
}

/** Moves the focus to the next or the previous visible element of a selector. */
function moveFocus(selector: string, by: 1 | -1): void {
  const stops = [...document.querySelectorAll<HTMLElement>(selector)].filter((stop) => stop.checkVisibility())
  const at = stops.indexOf(document.activeElement as HTMLElement)
  stops[at === -1 && by < 0 ? stops.length - 1 : at + by]?.focus()
}
