import { AnsiUp } from 'ansi_up'

/** Returns output of a program with the look of a terminal: with colours, without control characters. */
export function ansiText(text: string): DocumentFragment {
  const converter = new AnsiUp()
  // With classes, the style of the page chooses the colours, dark and light.
  converter.use_classes = true
  const template = document.createElement('template')
  // The converter escapes all text except escape sequences, and the policy of the page allows no further script.
  template.innerHTML = converter.ansi_to_html(plainLines(text))
  for (const span of template.content.querySelectorAll<HTMLElement>('[style]')) setPaletteColors(span)
  return template.content
}

/** Leaves a color of the large palettes to the style of the page, which keeps the contrast in dark and light. */
function setPaletteColors({ style, classList }: HTMLElement): void {
  for (const [property, name] of [
    ['color', 'fg'],
    ['background-color', 'bg'],
  ] as const) {
    const color = style.getPropertyValue(property)
    if (color === '') continue
    style.removeProperty(property)
    style.setProperty(`--${name}`, color)
    classList.add(`palette-${name}`)
  }
}

/** Drops text overwritten after a carriage return, such as states of a progress bar, and control characters. */
function plainLines(text: string): string {
  const lines = text.replaceAll('\r\n', '\n').replaceAll(/[^\n]*\r(?!\n)/g, '')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are dropped.
  return lines.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f]/g, '')
}
