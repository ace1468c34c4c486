import { element } from './element.ts'

const themes = ['auto', 'light', 'dark'] as const

/** Returns a button for the choice of light or dark. The system's choice comes first. */
export function themeButton(): HTMLButtonElement {
  const button = element('button', { type: 'button', title: 'Light or dark' })
  let chosen = 0
  const apply = (): void => {
    document.documentElement.dataset.theme = themes[chosen]
    button.textContent = `◐ ${themes[chosen]}`
  }
  button.addEventListener('click', () => {
    chosen = (chosen + 1) % themes.length
    apply()
  })
  apply()
  return button
}
