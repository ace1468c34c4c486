import '../../../page/style.css'
import '../../../report/client/style.css'
import './style.css'
import { element } from '../../../page/client/element.ts'
import { type Key, keysDialog, listenForKeys } from '../../../page/client/keyboard.ts'
import { pageData } from '../../../page/client/page-data.ts'
import { themeButton } from '../../../page/client/theme.ts'
import type { WorkflowPageData } from '../page-data.ts'
import { details } from './details.ts'
import { StepList } from './step-list.ts'
import { summary } from './summary.ts'

const data = pageData<WorkflowPageData>()
const page = document.getElementById('page') as HTMLElement
const headline = page.querySelector('h1')?.textContent ?? ''
const steps = new StepList(data.steps)

const search = element('input', {
  type: 'search',
  placeholder: 'Filter by step or command',
  'aria-label': 'Filter steps by name or command',
  input: () => steps.filter(search.value),
})

/** Moves the focus between steps and commands. */
function move(by: number): void {
  const stops = [...page.querySelectorAll<HTMLElement>('#steps summary')].filter((stop) => stop.checkVisibility())
  const at = stops.indexOf(document.activeElement as HTMLElement)
  stops[at === -1 && by < 0 ? stops.length - 1 : at + by]?.focus()
}

function clear(): void {
  search.value = ''
  steps.filter('')
  search.blur()
}

const keys: Key[] = [
  { key: '/', effect: 'filter', run: () => search.focus() },
  { key: 'j', effect: 'next step or command', run: () => move(1) },
  { key: 'k', effect: 'previous step or command', run: () => move(-1) },
  { key: 'f', effect: 'failures only, or all', run: () => steps.toggleFailures() },
  { key: 'e', effect: 'open all steps, or close them', run: () => steps.toggleAll() },
  { key: 'Escape', effect: 'end the filter', run: clear },
  { key: '?', effect: 'these keys', run: () => dialog.showModal() },
]
const dialog = keysDialog([...keys, { key: 'Enter', effect: 'open or close' }])
const help = element(
  'button',
  { type: 'button', 'aria-label': 'Keys', title: 'Keys', click: () => dialog.showModal() },
  '?',
)
const links = [
  element('a', { href: '#steps' }, 'Steps'),
  element('a', { href: '#details' }, 'Workflow and environment'),
]
const bar = element(
  'nav',
  { class: 'topbar', 'aria-label': 'Parts of the page' },
  ...links,
  search,
  themeButton(),
  help,
)

page.replaceChildren(summary(data, headline), steps.element, details(data))
document.body.prepend(bar)
document.body.append(dialog)
listenForKeys(keys)
