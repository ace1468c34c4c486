import { ansiText } from '../../../page/client/ansi-text.ts'
import { element } from '../../../page/client/element.ts'
import { formatBytes, formatCount, formatDuration } from '../../../page/client/format.ts'
import { LazyList } from '../../../page/client/lazy-list.ts'
import { textView } from '../../../page/client/text-view.ts'
import { statusMark } from '../../../report/client/status-mark.ts'
import type { ReportFile } from '../../../report/report-data.ts'
import type { PageCommand, PageStep, PageTests } from '../page-data.ts'
import { commandView, textOfCommand } from './command-view.ts'

/** Whether texts together have all words. */
function haveAll(texts: readonly string[], words: readonly string[]): boolean {
  const all = texts.join(' ').toLowerCase()
  return words.every((word) => all.includes(word))
}

/** A step; its content is made when it is opened. A failed step is open from the beginning. */
export class StepView {
  readonly step: PageStep
  readonly element: HTMLDetailsElement
  /** Made with the content. */
  #list: LazyList<PageCommand> | undefined
  #commands: readonly PageCommand[]

  constructor(step: PageStep) {
    this.step = step
    this.#commands = step.commands
    const isOpen = !['passed', 'waiting', 'skipped'].includes(step.state)
    const view = element('details', { class: `failure is-${step.state}`, open: isOpen }, headOf(step))
    const fill = (): void => {
      if (view.open && !this.#list) view.append(contentOf(step, this.#makeList()))
    }
    view.addEventListener('toggle', fill)
    fill()
    this.element = view
  }

  /**
   * Shows the commands that have all words of a text together with the name of the step; all commands for the name
   * alone. Returns whether anything is left to show.
   */
  filter(text: string): boolean {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean)
    const { name, uses, commands } = this.step
    const isNamed = haveAll([name, uses], words)
    const shown = isNamed ? commands : commands.filter((each) => haveAll([name, uses, textOfCommand(each)], words))
    const isSame = shown.length === this.#commands.length && shown.every((each, i) => each === this.#commands[i])
    this.#commands = shown
    // Rows made again would be closed.
    if (!isSame) this.#list?.show(shown)
    return isNamed || shown.length > 0
  }

  #makeList(): HTMLElement {
    this.#list = new LazyList((command) => element('li', {}, commandView(command)))
    this.#list.show(this.#commands)
    return this.#list.element
  }
}

function headOf({ name, state, uses, transport, commands, elapsed }: PageStep): HTMLElement {
  const facts = [uses, transport, formatCount(commands.length, 'command')].filter((fact) => fact !== '')
  return element(
    'summary',
    {},
    statusMark(state),
    element('span', { class: 'name' }, name),
    element('span', { class: 'hint' }, facts.join(' · ')),
    element('span', { class: 'faint' }, elapsed === undefined ? '' : formatDuration(elapsed * 1_000)),
  )
}

function contentOf({ error, commands, log, artifacts, tests }: PageStep, list: HTMLElement): HTMLElement {
  return element(
    'div',
    { class: 'content' },
    // The headline of tests says the same.
    error !== undefined && tests.every(({ headline }) => headline !== error) && noteView(error),
    ...tests.map(testsView),
    commands.length > 0 && list,
    log !== undefined && textView(log),
    artifacts.length > 0 && artifactsView(artifacts),
  )
}

function noteView(text: string): HTMLElement {
  const view = element('div', { class: 'note' })
  view.append(ansiText(text))
  return view
}

function testsView({ headline, href, failures }: PageTests): HTMLElement {
  const rows = failures.map(({ name, status, note }) =>
    element('li', {}, statusMark(status), ` ${name}`, note !== '' && noteView(note)),
  )
  const link = element('a', { href, target: '_blank', rel: 'noopener' }, 'the report of the tests')
  return element(
    'div',
    { class: 'tests' },
    element('p', {}, `${headline}: `, link),
    rows.length > 0 && element('ul', {}, ...rows),
  )
}

function artifactsView(artifacts: readonly ReportFile[]): HTMLElement {
  const links = artifacts.map(({ name, href, size }) =>
    element(
      'li',
      {},
      element('a', { href, target: '_blank', rel: 'noopener' }, name),
      element('span', { class: 'faint' }, ` ${formatBytes(size)}`),
    ),
  )
  return element('div', { class: 'artifacts' }, element('h3', {}, 'Artifacts'), element('ul', {}, ...links))
}
