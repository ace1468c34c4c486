import { AnsiUp } from 'ansi_up'

/** Returns output of a program as it looks in a terminal: with its colours, without its control characters. */
export function ansiText(text: string): DocumentFragment {
  const converter = new AnsiUp()
  // Classes, so that the style of the page chooses the colours, dark and light.
  converter.use_classes = true
  const template = document.createElement('template')
  // The converter escapes all that is no escape sequence, and the policy of the page runs no other script.
  template.innerHTML = converter.ansi_to_html(plainLines(text))
  return template.content
}

/** Replaces what a carriage return overwrites, such as the states of a progress bar, and drops other controls. */
function plainLines(text: string): string {
  const lines = text.replaceAll('\r\n', '\n').replaceAll(/[^\n]*\r(?!\n)/g, '')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is dropped.
  return lines.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f]/g, '')
}
