type Child = Node | string | false | null | undefined

/** Attributes by name; a function is a listener, `false` leaves the attribute out. */
export type Attributes = Readonly<Record<string, string | number | boolean | ((event: Event) => void) | undefined>>

/** Makes an element. Texts stay texts, with any content. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name)
  setAttributes(made, attributes)
  append(made, children)
  return made
}

/** Makes an element of a drawing. */
export function drawn(name: string, attributes: Attributes = {}, ...children: readonly Child[]): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name)
  setAttributes(made, attributes)
  append(made, children)
  return made
}

function setAttributes(made: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name, value)
    else if (value !== false && value !== undefined) made.setAttribute(name, value === true ? '' : String(value))
  }
}

function append(made: Element, children: readonly Child[]): void {
  made.append(...children.filter((child) => child instanceof Node || typeof child === 'string'))
}
