import '../../../page/style.css'
import '../../../report/client/style.css'
import './style.css'
import { element } from '../../../page/client/element.ts'
import { addPageBar } from '../../../page/client/page-bar.ts'
import { pageData } from '../../../page/client/page-data.ts'
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

function clear(): void {
  search.value = ''
  steps.filter('')
  search.blur()
}

page.replaceChildren(summary(data, headline), steps.element, details(data))
addPageBar({
  links: [element('a', { href: '#steps' }, 'Steps'), element('a', { href: '#details' }, 'Workflow and environment')],
  search,
  stops: '#steps summary',
  stop: 'step or command',
  keys: [
    { key: 'f', effect: 'failures only, or all', run: () => steps.toggleFailures() },
    { key: 'e', effect: 'open all steps, or close them', run: () => steps.toggleAll() },
  ],
  onEscape: { effect: 'end the filter', run: clear },
  enter: 'open or close',
})
