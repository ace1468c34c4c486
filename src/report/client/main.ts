import '../../page/style.css'
import './style.css'
import { element } from '../../page/client/element.ts'
import { addPageBar } from '../../page/client/page-bar.ts'
import { pageData } from '../../page/client/page-data.ts'
import { Panel } from '../../page/client/panel.ts'
import type { ReportData, ReportTest } from '../report-data.ts'
import { attempts } from './attempts.ts'
import { failures } from './failures.ts'
import { Filter } from './filter.ts'
import { Model } from './model.ts'
import { testView } from './result-view.ts'
import { services } from './services.ts'
import { summary } from './summary.ts'
import { testRows } from './test-rows.ts'
import { Timeline } from './timeline.ts'

const model = new Model(pageData<ReportData>())
const filter = new Filter()
const panel = new Panel()
const page = document.getElementById('page') as HTMLElement
const headline = page.querySelector('h1')?.textContent ?? ''

/** Shows a test in the panel. The address of the page names the test, for links to the test. */
function show(test: ReportTest): void {
  panel.open(model.testName(test), ...testView(model, test))
  history.replaceState(null, '', `#${encodeURIComponent(`${test.name}\n${test.platform}`)}`)
}

panel.onClose = () => history.replaceState(null, '', '#')

const search = element('input', {
  type: 'search',
  placeholder: 'Filter by name or note',
  'aria-label': 'Filter tests by name or note',
  input: () => filter.setText(search.value),
})
const timeline = new Timeline(model, filter, show)
const sections = [
  failures(model, filter, show),
  model.data.attempts.length > 0 && timeline.element,
  services(model),
  attempts(model, filter),
  testRows(model, filter, show),
].filter((section) => section instanceof HTMLElement)

function closeOrClear(): void {
  if (panel.isOpen) {
    panel.close()
    return
  }
  search.value = ''
  filter.clear()
  search.blur()
}

const links = sections.map((section) => {
  const name = section.querySelector('h2')?.textContent?.replace(/ \(.*/, '') ?? ''
  return element('a', { href: `#${section.id}` }, name)
})
page.replaceChildren(summary(model, filter, headline), ...sections)
document.body.append(panel.element)
addPageBar({
  links,
  search,
  stops: '.failure > summary, .row',
  stop: 'test',
  keys: [
    { key: 't', effect: 'timeline; then the arrow keys', run: () => timeline.focus() },
    { key: 'f', effect: 'failures only, or all', run: () => filter.toggleFailures() },
  ],
  onEscape: { effect: 'close, or end the filter', run: closeOrClear },
  enter: 'show the test',
})

const [named, platform] = decodeURIComponent(location.hash.slice(1)).split('\n')
const wanted = model.data.tests.find((test) => test.name === named && test.platform === platform)
if (wanted) show(wanted)
