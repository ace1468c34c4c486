import { element } from './element.ts'

export interface Key {
  /** Name of the key in `KeyboardEvent.key`. */
  readonly key: string
  readonly effect: string
  readonly run: () => void
}

/** Listens for single keys, except in a dialog and during input of text. Escape works during input, too. */
export function listenForKeys(keys: readonly Key[]): void {
  document.addEventListener('keydown', (event) => {
    const isWriting = event.target instanceof HTMLInputElement && event.key !== 'Escape'
    if (document.querySelector('dialog[open]')) return
    if (isWriting || event.ctrlKey || event.metaKey || event.altKey) return
    const found = keys.find(({ key }) => key === event.key)
    if (!found) return
    event.preventDefault()
    found.run()
  })
}

/** Returns a dialog with a list of the keys. */
export function keysDialog(keys: readonly Pick<Key, 'key' | 'effect'>[]): HTMLDialogElement {
  const rows = keys.map(({ key, effect }) => element('li', {}, element('kbd', {}, key), ` ${effect}`))
  const close = element('form', { method: 'dialog' }, element('button', {}, 'Close'))
  return element('dialog', { 'aria-label': 'Keys' }, element('h2', {}, 'Keys'), element('ul', {}, ...rows), close)
}
